"""Services that cannot begin, as systemd starts them: they say why, and stay a while before they end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from appliance import parts
from appliance.cli import _patience
from appliance.errors import ConfigError
from tests.mofy_process import CHECKOUT
from tests.waiting import PATIENCE_S

WRONG = "[page]\nport = 'eighty'\n"
SERVICES = (["control"], ["jobs"], ["network", "keep"])


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    """What it hears."""
    (tmp_path / "mofy.toml").write_text(WRONG)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(PATIENCE_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listening


@pytest.mark.parametrize("words", SERVICES, ids=" ".join)
def test_it_is_not_started_anew_every_second(systemd, tmp_path, monkeypatch, words):
    monkeypatch.setattr(_patience, "AGAIN_S", 0.3)
    began = time.monotonic()
    command = parts.part("cli", words[0]).command
    ended = CliRunner().invoke(command, [*words[1:], "--config", str(tmp_path / "mofy.toml"), "--data", str(tmp_path)])
    assert isinstance(ended.exception, ConfigError)
    assert time.monotonic() - began > 0.3
    assert systemd.recv(500).decode().startswith("STATUS=")


def test_who_types_it_is_not_kept_waiting(tmp_path, monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.setattr(_patience.time, "sleep", lambda seconds: pytest.fail("it waits"))
    (tmp_path / "mofy.toml").write_text(WRONG)
    command = parts.part("cli", "jobs").command
    ended = CliRunner().invoke(command, ["--config", str(tmp_path / "mofy.toml"), "--data", str(tmp_path)])
    assert isinstance(ended.exception, ConfigError)


def test_it_ends_at_once_when_it_is_stopped_meanwhile(systemd, tmp_path):
    words = (sys.executable, "-m", "appliance.cli", "jobs", "--config", tmp_path / "mofy.toml", "--data", tmp_path)
    with subprocess.Popen(words, cwd=CHECKOUT) as waits:
        assert b"STATUS=" in systemd.recv(500)
        waits.send_signal(signal.SIGTERM)
        assert waits.wait(_patience.AGAIN_S / 2) == -signal.SIGTERM
