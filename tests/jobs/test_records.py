"""What is known of a job."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from appliance.jobs import records


@given(st.text(max_size=300))
def test_a_name_is_one_line_that_leads_nowhere(name):
    clean = records.clean_name(name)
    assert 0 < len(clean) <= 130
    assert "/" not in clean
    assert "\\" not in clean
    assert clean.isprintable()
    assert not clean.startswith(".")
    assert Path(clean).name == clean
