"""Who measures says so as long as it lives, and no longer."""

from __future__ import annotations

import subprocess
import sys

from appliance import measuring

HOLD = """
import sys, time
from pathlib import Path
from appliance import measuring
with measuring.under_way(Path(sys.argv[1])):
    print("on", flush=True)
    time.sleep(60)
"""


def test_it_is_said_as_long_as_the_block_runs(tmp_path):
    assert not measuring.going_on(tmp_path)
    with measuring.under_way(tmp_path):
        assert measuring.going_on(tmp_path)
    assert not measuring.going_on(tmp_path)


def test_who_is_killed_measures_no_more(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "on\n"
        assert measuring.going_on(tmp_path)
        other.kill()
        other.wait()
    assert not measuring.going_on(tmp_path)


def test_where_there_is_no_folder_nobody_measures(tmp_path):
    assert not measuring.going_on(tmp_path / "none")
