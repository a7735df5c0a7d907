"""One job's work, in this process."""

from __future__ import annotations

import numpy as np
import pytest

from appliance import redact, store
from appliance.core.identity import Person, gallery
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


def test_who_is_deleted_while_a_file_is_worked_on_is_not_bare_in_it(shelf, tmp_path, monkeypatch):
    ann, ben = (Person(name, name, np.eye(1, 512, dtype=np.float32), None) for name in ("ann", "ben"))
    enrolled, shown = [ann], []

    class Watched(redact.Redactor):
        """Sees for whom a file is worked on."""

        def __init__(self, options, people, **parts):
            super().__init__(options, people, **parts)
            shown.append([person.id for person in people.people])

        def redact(self, *given):
            """After which somebody is deleted, and another one switched on: they are as many as before."""
            enrolled[:] = [ben]
            return super().redact(*given)

    monkeypatch.setattr(redact, "Redactor", Watched)
    monkeypatch.setattr(store, "gallery_or_nobody", lambda *_: (gallery(enrolled), None))
    job = sent(shelf, DRAWING, keep=("ann", "ben")).id
    work.do(work.Site(tmp_path / "data", options()), job)
    assert shown == [["ann"], ["ben"]]
    assert (shelf.job(job).record.state, shelf.job(job).record.error) == ("done", "")
