"""Which networks the box is in: told by what the services of a box can see."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from appliance import reach


def test_interfaces_that_are_up_and_plugged_in(tmp_path):
    for name, state in {"eth0": "up", "tun0": "unknown", "wlan0": "down", "eth1": "lowerlayerdown"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "operstate").write_text(f"{state}\n")
    (tmp_path / "gone").mkdir()
    assert reach.running(tmp_path) == {"eth0", "tun0"}


def test_they_are_those_that_the_kernel_calls_running():
    try:
        running = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
    except OSError:
        pytest.skip("/proc/net cannot be read here")
    assert reach.running() == running


def test_addresses_are_found_without_proc_net():
    """As under ProcSubset=pid of the units."""
    code = """
import builtins
real = builtins.open
def guarded(path, *more, **options):
    if str(path).startswith("/proc/net"):
        raise FileNotFoundError(path)
    return real(path, *more, **options)
builtins.open = guarded
from appliance import reach
from web import about
reach.lan_addresses(), about.networks()
"""
    subprocess.run([sys.executable, "-c", code], check=True)
