"""The list of people: changed, deleted, carried away, each in the audit, and faces never kept by the browser."""

import io
import math
import time

import numpy as np
import pytest

from appliance import enrolment
from appliance.core.identity import unit
from appliance.store import Store
from tests.painted import MODELS
from tests.web.test_enrol import people
from web import enrolling, pin


def audit(page) -> list[tuple[str, str]]:
    return [row[1:] for row in Store.open(page.box.data).audit()]


def test_nobody_yet(page):
    assert "Nobody is enrolled yet" in page.text("/people")
    assert page.untouched


def test_faces_are_for_logged_in_eyes_and_are_not_kept(page, stranger):
    anna = page.enrol("Anna")
    (photo,) = Store.open(page.box.data).templates(anna.id)
    for path in (f"/people/{anna.id}/face.png", f"/people/{anna.id}/photos/{photo.id}.png"):
        answer = page.get(path)
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert answer.headers["Cache-Control"] == "no-store"
        assert stranger.get(path).status_code in (303, 401)
    assert page.get(f"/people/{anna.id}/photos/x.png").status_code == 404
    assert page.get("/people/x/face.png").status_code == 404
    assert page.get("/people/x").status_code == 404


def test_rename_note_and_expiry(page):
    anna = page.enrol("Anna")
    page.post(f"/people/{anna.id}/change", name="Änne", note="said yes", until="sunday")
    (one,) = people(page)
    assert (one.name, one.note) == ("Änne", "said yes")
    assert 0 < one.expires_at - time.time() <= 8 * 86_400
    page.post(f"/people/{anna.id}/change", name="Änne", note="", until="never")
    assert people(page)[0].expires_at is None
    page.post(f"/people/{anna.id}/change", name="Änne", note="")
    assert ("page", f"person {anna.id}: name and note and expiry changed") in audit(page)


def test_a_name_that_is_taken_is_refused(page):
    anna, _ = page.enrol("Anna"), page.enrol("Bert")
    assert page.post(f"/people/{anna.id}/change", name="bert").status_code == 303
    assert "already" in page.text("/people")
    assert [one.name for one in people(page)] == ["Anna", "Bert"]


def test_delete(page):
    anna = page.enrol("Anna")
    page.post(f"/people/{anna.id}/delete")
    assert people(page) == []
    assert "Anna is deleted" in page.text("/people")
    assert ("page", f"person {anna.id}: removed") in audit(page)
    assert page.post(f"/people/{anna.id}/delete").status_code == 404


def test_the_check_is_told(page):
    with page.client.application.app_context():
        model = enrolling.desk().model
    from appliance.store.people import Template
    from tests.enrolment.seen import toward

    crop = np.zeros((112, 112, 3), np.uint8)
    looks = [Template(model, unit(toward(0.9, k)), crop, 0.9, 0.1) for k in range(4)]
    anna = Store.open(page.box.data, create=True).enrol("Anna", looks, "test")
    shown = page.text(f"/people/{anna.id}")
    assert "Good: safely recognised" in shown
    assert "Add a photo from the side" in shown
    bert = page.enrol("Bert")
    assert "No photo counts" in page.text(f"/people/{bert.id}")


def test_export_and_import(page, monkeypatch):
    page.enrol("Anna", note="x")
    page.enrol("Bert", expires_at=math.floor(time.time()) + 1000.0)
    answer = page.post("/people-all/export", passphrase="long enough", again="long enough")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert b"Anna" not in answer.data
    Store.open(page.box.data).remove("Anna", "test")
    monkeypatch.setattr(enrolment, "models", lambda config: MODELS)
    answer = page.post(
        "/people-all/import", passphrase="long enough", file=(io.BytesIO(answer.data), "people.mofy")
    )  # fmt: skip
    assert answer.status_code == 303
    assert [one.name for one in people(page)] == ["Anna", "Bert"]
    assert "1 person imported" in page.text("/people")


@pytest.mark.parametrize("content", [b"", b"rubbish", b"MOFY people 1\n" + b"\x11" * 200])
def test_what_is_no_export_is_refused(page, content):
    answer = page.post("/people-all/import", passphrase="long enough", file=(io.BytesIO(content), "x"))
    assert answer.status_code == 303
    assert "no export of people" in page.text("/people")
    assert page.untouched


@pytest.mark.parametrize(
    ("first", "again", "words"), [("short", "short", "at least 8"), ("long enough", "long enaugh", "not the same")]
)
def test_a_passphrase_that_will_not_do(page, first, again, words):
    page.enrol("Anna")
    page.post("/people-all/export", passphrase=first, again=again)
    assert words in page.text("/people")


def test_everybody_is_deleted_with_the_pin_only(page):
    right = pin.change(page.box.data)
    page.let_in()
    page.enrol("Anna")
    page.enrol("Bert")
    page.post("/people-all/delete", pin="wrong!")
    assert len(people(page)) == 2
    page.post("/people-all/delete", pin=right)
    assert people(page) == []
    assert "Everybody is deleted" in page.text("/people")


def test_pages_tell_why_people_cannot_be_listed(page):
    anna = page.enrol("Anna")
    (page.box.data / "key").unlink()
    assert "The key of the people is missing" in page.text("/people")
    assert "열쇠가 없어" in page.text("/people", headers={"Accept-Language": "ko"})
    assert page.get(f"/people/{anna.id}").status_code in (404, 503)
    assert page.get("/people-all").status_code == 200
