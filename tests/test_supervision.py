"""Signals become an event; systemd hears what it asked to hear."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.errors import MofyError
from appliance.supervision import notify, sole_engine, stop_signals

CHECKOUT = Path(__file__).resolve().parents[1]
NOBODY = 65534


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_to_stop_and_the_old_handler_returns(number):
    # Whoever begins these tests with nohup hands on that a closed terminal is nothing to them.
    began_with = signal.signal(number, signal.SIG_DFL)
    try:
        with stop_signals() as asked:
            assert not asked.is_set()
            os.kill(os.getpid(), number)
            assert asked.wait(1)
            assert signal.getsignal(number) == signal.SIG_DFL  # a second signal ends the process at once
        assert signal.getsignal(number) == signal.SIG_DFL
    finally:
        signal.signal(number, began_with)


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told(tmp_path, monkeypatch, abstract):
    address = f"@mofy-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0" + address[1:] if abstract else address)
        systemd.settimeout(2)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        notify("READY=1")
        assert systemd.recv(64) == b"READY=1"


def test_nobody_listening_is_no_fault(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "none"))
    notify("READY=1")
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify("READY=1")


PRIVATE = "from appliance.supervision import keep_memory_private as private; private();"
READ_ME = """
import os, sys
pid, place = os.fork(), int.from_bytes(os.urandom(2), "big")
if pid == 0:
    import time
    {private}
    time.sleep(30)
import time
time.sleep(1.0)
try:
    open(f"/proc/{{pid}}/mem", "rb").close()
    print("read")
except OSError:
    print("refused")
os.kill(pid, 9)
"""


def asked_as_nobody(private: str) -> str:
    """What another process of the same user is told; as nobody where the tests run as root, who may read everything."""
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    code = READ_ME.format(private=private)
    try:
        run = subprocess.run(
            [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False, **user
        )
    except PermissionError as error:  # a checkout in root's own folder: nobody may not even start there
        return str(error)
    return run.stdout.strip() or run.stderr


def test_no_other_process_of_the_same_user_reads_the_memory():
    if (open_to_all := asked_as_nobody("import appliance.supervision")) != "read":
        pytest.skip(f"this machine lets nobody look anyway: {open_to_all[-200:]}")
    assert asked_as_nobody(PRIVATE) == "refused"


def test_the_engine_is_private_before_it_opens_the_camera(tmp_path):
    code = """
import ctypes, pathlib, resource, sys
from appliance import config, engine
from appliance.errors import MofyError
try:
    options = config.load(changes={"rtsp": {"authentication": "off"}})
    engine.build(engine.Run("nothing.mp4", options, pathlib.Path(sys.argv[1])))
except MofyError:
    print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))
"""
    command = [sys.executable, "-c", code, tmp_path]
    run = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert run.stdout == "0 (0, 0)\n"


def test_a_folder_is_one_engines_until_it_ends(tmp_path):
    refused = pytest.raises(MofyError, match="another engine is at work here")
    with sole_engine(tmp_path), refused, sole_engine(tmp_path):
        pass
    with sole_engine(tmp_path):
        pass


def test_a_folder_is_free_again_when_its_engine_was_killed(tmp_path):
    holds = "import sys, time; from pathlib import Path; from appliance.supervision import sole_engine\n"
    holds += "with sole_engine(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", holds, tmp_path], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(MofyError), sole_engine(tmp_path):
            pass
        other.kill()
    with sole_engine(tmp_path):
        pass


def test_what_was_begun_to_outlive_its_terminal_does():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stop_signals() as asked:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not asked.wait(0.1)
    finally:
        signal.signal(signal.SIGHUP, before)
