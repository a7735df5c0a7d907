"""Whenever the plug is pulled: no confirmed enrolment is lost, nothing is half there, recordings play."""

from __future__ import annotations

import random

import pytest

from tests.e2e import logged_disk
from tests.e2e.plug import UNSAVED_S, lacking, pull
from tests.mofy_process import needs_gstreamer

pytestmark = [needs_gstreamer, pytest.mark.skipif(bool(lacking()), reason=lacking() or "nothing")]
needs_log = pytest.mark.skipif(bool(logged_disk.lacking()), reason=logged_disk.lacking() or "nothing")


@pytest.mark.parametrize(("seconds", "picture"), [(3.1, False), (8.3, True)])
def test_what_was_promised_is_there_when_the_power_is_back(seconds, picture, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    cut = pull(seconds, picture)
    assert cut.promised > 0
    assert cut.found == cut.promised
    assert cut.recorded_s >= cut.ran_s - UNSAVED_S


@needs_log
def test_at_whichever_write_the_power_goes_what_was_promised_is_there(monkeypatch, tmp_path):
    """Whatever of it was still in the disk's own cache."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    cuts = logged_disk.pull_often(4.0, 8, random.Random(7))
    assert len(cuts) == 8
    assert sum(cut.promised for cut in cuts) > 0
    assert [cut for cut in cuts if cut.found < cut.promised or cut.recorded_s < cut.ran_s - UNSAVED_S] == []
