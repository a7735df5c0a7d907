"""One job's work, in this process."""

from __future__ import annotations

import pytest

from appliance.jobs import work
from tests.jobs.conftest import DRAWING, options, sent


@pytest.mark.parametrize("step", ["_people", "plan", "_compare"])
def test_a_job_that_is_deleted_while_it_is_worked_on_does_not_come_back(shelf, tmp_path, monkeypatch, step):
    """Not as a failed one either: whoever deleted it never wants to see it again."""
    usual = getattr(work, step)

    def deleted_then(*given, **options):
        done = usual(*given, **options)
        shelf.delete(job)
        return done

    job = sent(shelf, DRAWING).id
    monkeypatch.setattr(work, step, deleted_then)
    work.do(work.Site(tmp_path / "data", options()), job)
    assert shelf.jobs() == []
    shelf.delete(job)
    assert [path for path in shelf.folder.iterdir() if path.is_dir()] == []
