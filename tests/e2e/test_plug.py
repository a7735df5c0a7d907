"""Whenever the plug is pulled: no confirmed enrolment is lost, nothing is half there, recordings play."""

from __future__ import annotations

import pytest

from tests.e2e.plug import UNSAVED_S, lacking, pull
from tests.mofy_process import needs_gstreamer

pytestmark = [needs_gstreamer, pytest.mark.skipif(bool(lacking()), reason=lacking() or "nothing")]


@pytest.mark.parametrize(("seconds", "picture"), [(3.1, False), (8.3, True)])
def test_what_was_promised_is_there_when_the_power_is_back(seconds, picture, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    cut = pull(seconds, picture)
    assert cut.promised > 0
    assert cut.found == cut.promised
    assert cut.recorded_s >= cut.ran_s - UNSAVED_S
