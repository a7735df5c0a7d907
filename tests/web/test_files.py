"""Photos and videos by way of the page: sent in pieces or at once, told how they stand, had by those who may."""

from __future__ import annotations

import io
import re
import time
from dataclasses import replace

import pytest

from appliance.jobs.place import AFTER, RESULT
from appliance.jobs.shelf import Shelf
from appliance.store import Store
from tests.jobs.conftest import DRAWING
from tests.web.conftest import TOKEN, Page

PHOTO = DRAWING.read_bytes()
KOREAN = {"Accept-Language": "ko"}


def begin(page: Page, size: int = len(PHOTO), **asked: object):
    headers = {"X-CSRFToken": TOKEN.search(page.text())[1], "Accept": "application/json"}
    asked = {"name": "party.jpg", "size": size, **asked}
    return page.client.post("/files", json=asked, headers=headers, base_url="http://localhost:8080")


def piece(page: Page, job: str, offset: int, content: bytes):
    headers = {"X-CSRFToken": TOKEN.search(page.text())[1], "Content-Type": "application/octet-stream"}
    headers["Accept"] = "application/json"
    return page.client.post(
        f"/files/{job}/piece?offset={offset}", data=content, headers=headers, base_url="http://localhost:8080"
    )


def sent_whole(page: Page, **asked: object) -> str:
    job = begin(page, **asked).get_json()["id"]
    assert piece(page, job, 0, PHOTO).get_json() == {"received": len(PHOTO), "state": "waiting"}
    return job


def shelf(page: Page) -> Shelf:
    return Shelf(page.box.data, page.box.config.jobs)


def finish(page: Page, job: str) -> None:
    """As the worker would."""
    place, record = shelf(page).place(job), shelf(page).job(job).record
    (place / RESULT).mkdir()
    (place / RESULT / "upload.jpg").write_bytes(b"masked")
    shelf(page).keep_before(job, b"bare")
    (place / AFTER).write_bytes(AFTER.encode())
    shelf(page).update(replace(record, state="done", result="upload.jpg", covered=3, ended_at=time.time()))


def test_a_file_comes_in_pieces_and_waits(page):
    job = begin(page).get_json()["id"]
    assert piece(page, job, 0, PHOTO[:50_000]).get_json() == {"received": 50_000, "state": "uploading"}
    assert "57%" in page.text("/files").replace("\xa0", "")
    assert piece(page, job, 0, PHOTO[:50_000]).status_code == 409
    assert piece(page, job, 50_000, PHOTO[50_000:]).get_json()["state"] == "waiting"
    assert "Waits for its turn" in page.text("/files")
    assert "차례를 기다립니다" in page.text("/files", headers=KOREAN)
    assert "mofy jobs" in page.text("/files"), "nobody works here, and that is told"


def test_without_a_script_files_are_sent_in_a_form(page):
    anna = page.enrol("Anna")
    fields = {
        "csrf_token": TOKEN.search(page.text("/files"))[1],
        "keep": anna.id,
        "style": "solid",
        "files": [(io.BytesIO(PHOTO), "a.jpg"), (io.BytesIO(b"x" * 70_000), "b.txt"), (io.BytesIO(b""), "c.jpg")],
    }
    answer = page.client.post("/files", data=fields, base_url="http://localhost:8080", follow_redirects=True)
    told = answer.get_data(as_text=True)
    assert "c.jpg: the file is empty" in told
    records = {job.record.name: job.record for job in shelf(page).jobs()}
    assert {name: record.state for name, record in records.items()} == {"a.jpg": "waiting", "b.txt": "failed"}
    assert (records["a.jpg"].keep, records["a.jpg"].look) == ((anna.id,), {"style": "solid"})
    assert "neither a photo" in told


def test_people_who_stay_shown_are_those_who_are_enrolled(page):
    anna = page.enrol("Anna")
    job = sent_whole(page, keep=[anna.id, "nobody"], look={"strength": "5"})
    record = shelf(page).job(job).record
    assert (record.keep, record.look) == ((anna.id,), {"strength": 5})
    Store.open(page.box.data).change("Anna", "test", enabled=False)
    assert "Anna" not in page.text("/files"), "who is switched off is shown nowhere"


def test_it_is_in_the_audit_without_a_name(page):
    job = sent_whole(page, name="Annas secret party.jpg")
    page.post(f"/files/{job}/delete")
    said = [what for _, who, what in Store.open(page.box.data).audit() if who == "page"]
    assert said == [f"file {job}: deleted", f"file {job}: sent, 0 people stay shown"]


def test_the_finished_file_can_be_looked_at_and_saved_and_deleted(page):
    job = sent_whole(page)
    assert page.get(f"/files/{job}/result").status_code == 404
    finish(page, job)
    told = page.text(f"/files/{job}")
    assert "3 faces covered" in told
    assert f"/files/{job}/before.jpg" in told
    saved = page.get(f"/files/{job}/result")
    assert (saved.data, saved.headers["Content-Disposition"]) == (b"masked", "attachment; filename=party-masked.jpg")
    assert saved.headers["Cache-Control"] == "no-store"
    part = page.get(f"/files/{job}/result?look=1", headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.data) == (206, b"ask")
    assert page.post(f"/files/{job}/delete").status_code == 303
    assert page.get(f"/files/{job}").status_code == 404
    assert shelf(page).jobs() == []


def test_the_picture_before_is_for_the_session_that_sent_it(page):
    job = sent_whole(page)
    finish(page, job)
    assert page.get(f"/files/{job}/before.jpg").data == b"bare"
    other = Page(page.client.application.test_client(), page.box)
    other.let_in()
    assert other.get(f"/files/{job}/after.jpg").data == AFTER.encode()
    assert other.get(f"/files/{job}/before.jpg").status_code == 404
    assert "before.jpg" not in other.text(f"/files/{job}")


def test_strangers_and_guests_see_none_of_it(page, stranger):
    job = sent_whole(page)
    finish(page, job)
    guest = Page(page.client.application.test_client(), page.box)
    guest.let_in("guest", "link")
    for path in ("/files", "/files.json", f"/files/{job}", f"/files/{job}/result", f"/files/{job}/before.jpg"):
        assert stranger.get(path).status_code in (303, 401)
        assert guest.get(path).status_code in (303, 401, 403)


@pytest.mark.parametrize(
    "asked",
    [
        {"name": 5}, {"size": "many"}, {"size": None}, {"keep": "Anna"}, {"look": []}, {"look": {"style": "no such"}},
        {"look": {"strength": "9"}}, {"size": -1}, {"size": 10**18}, {"size": True}, {"keep": [{}], "size": 0},
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_words(page, asked):
    answer = begin(page, **asked)
    assert answer.status_code == 400
    assert answer.get_json()["error"]
    assert shelf(page).jobs() == []


@pytest.mark.parametrize("path", ["/files/0123456789abcdef", "/files/..%2f..%2fkey", "/files/x/result", "/files/key"])
def test_what_is_not_there_is_not_found(page, path):
    assert page.get(path).status_code == 404


def test_a_piece_for_nothing_is_refused(page):
    assert piece(page, "0123456789abcdef", 0, b"x").status_code == 404
    job = begin(page).get_json()["id"]
    assert piece(page, job, -1, b"x").status_code == 400
    assert piece(page, job, 0, b"x" * 5_000_000).status_code == 413
    assert piece(page, job, 0, PHOTO + b"x").status_code == 400
    headers = {"Content-Type": "application/octet-stream", "Accept": "application/json"}
    bare = page.client.post(
        f"/files/{job}/piece?offset=0", data=b"x", headers=headers, base_url="http://localhost:8080"
    )
    assert bare.status_code == 400, "without the form's token nothing is taken"
    assert shelf(page).job(job).received == 0


def test_a_weaker_style_says_so_where_it_is_chosen(page):
    page.let_in()
    told = page.text("/files", headers={"Accept-Language": "ko"})
    options = dict(re.findall(r'<option value="(\w+)"[^>]*>([^<]+)</option>', told))
    assert {style for style, words in options.items() if "약함" in words} >= {"pixelate", "blur"}
    assert "약함" not in options["mosaic"] + options["solid"]
