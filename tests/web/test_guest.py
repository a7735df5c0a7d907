"""A link opens once and for a time; its guest sees and deletes what is his, and nothing else."""

import re
import threading
import time
from contextlib import suppress

import numpy as np
import pytest

from appliance.errors import InputError
from appliance.store import Store
from appliance.store.people import Template
from tests.scripted import identity
from tests.web.conftest import Page
from tests.web.test_enrol import begun, desk, people, sent
from web import guests, ledger
from web.visitor import Visitor

__all__ = ["desk"]


def invited(page, lives: str = "day") -> str:
    """The path of a new link."""
    answer = page.post("/guests", lives=lives)
    return re.search(r"<code>http://localhost:8080(/guest/[^<]+)</code>", answer.get_data(as_text=True))[1]


@pytest.fixture
def guest(page, stranger):
    """A stranger who has opened a link."""
    link = invited(page)
    assert stranger.get(link).status_code == 200
    assert stranger.post(link, token=stranger.token()).location == "/me"
    return stranger


def test_a_link_is_a_qr_code_and_an_address(page):
    shown = page.post("/guests", lives="hour").get_data(as_text=True)
    assert 'class="qr"' in shown
    assert "<svg" in shown
    assert " style=" not in shown
    assert page.post("/guests", lives="for ever").status_code == 400


def test_a_link_opens_once(page, guest):
    link = invited(page)
    second, third = (Page(page.client.application.test_client(), page.box) for _ in range(2))
    assert second.post(link).location == "/me"
    assert third.get(link).status_code == 410
    assert third.post(link, token=third.token()).status_code == 410
    assert third.get("/me").status_code == 303


def test_looking_at_a_link_does_not_use_it_up(page, stranger):
    link = invited(page)
    for _ in range(3):
        assert stranger.get(link).status_code == 200
    assert stranger.post(link).status_code == 303


def test_expired_and_invented_links_look_the_same(page, stranger):
    link = invited(page)
    with ledger.writing(page.box.data) as db:
        db.execute("UPDATE links SET expires_at = ?", [time.time() - 1])
    answers = [stranger.get(path) for path in (link, "/guest/invented", "/guest/" + "x" * 500)]
    assert {answer.status_code for answer in answers} == {410}
    assert len({re.sub(rb'value="[^"]+"', b"", answer.data) for answer in answers}) == 1


def test_only_its_hash_is_kept(page):
    token = invited(page).rpartition("/")[2]
    assert token.encode() not in (page.box.data / ledger.NAME).read_bytes()


def test_a_guest_enrols_himself_and_deletes_himself(page, guest, desk):
    assert "Enrol yourself" in guest.text("/me")
    place = begun(guest)
    sent(guest, place, "good 1", "good 2")
    assert guest.post(f"{place}/save", name="Gina", until="today").location == "/me"
    (gina,) = people(page)
    assert (gina.name, gina.photos) == ("Gina", 2)
    shown = guest.text("/me")
    assert "You are enrolled" in shown
    pictures = set(re.findall(r"/me/photos/\w+\.png", shown))
    assert [guest.get(path).mimetype for path in pictures] == ["image/png"] * 2, "all that is stored of him"
    assert "Gina" in page.text("/people")
    assert "deleted" in guest.post("/me/delete").get_data(as_text=True)
    assert people(page) == []
    assert guest.get("/me").location == "/login"
    who = {row[1].split()[0] for row in Store.open(page.box.data).audit()}
    assert "guest" in who


def test_a_guest_sees_nobody_elses_face(page, guest, desk):
    anna = page.enrol("Anna")
    (photo,) = Store.open(page.box.data).templates(anna.id)
    assert guest.get(f"/me/photos/{photo.id}.png").status_code == 404
    place = begun(guest)
    sent(guest, place, "good 1")
    guest.post(f"{place}/save", name="Gina", until="today")
    assert guest.get(f"/me/photos/{photo.id}.png").status_code == 404


def test_a_guest_adds_to_his_own_only(page, guest, desk):
    anna = page.enrol("Anna")
    place = begun(guest, person=anna.id, purpose="reject")
    sent(guest, place, "good 1")
    guest.post(f"{place}/save", name="Gina", until="today")
    assert {one.name: one.photos for one in people(page)} == {"Anna": 1, "Gina": 1}
    place = begun(guest)
    sent(guest, place, "good 2")
    guest.post(f"{place}/save", name="Other", until="today")
    assert {one.name: one.photos for one in people(page)} == {"Anna": 1, "Gina": 2}


def test_a_guest_cannot_join_or_find_out_who_is_enrolled(page, guest, desk):
    page.enrol("Anna")
    place = begun(guest)
    shown = sent(guest, place, "good Anna").get_data(as_text=True)
    assert "Looks like" not in shown
    assert guest.post(f"{place}/save", name="Anna", until="today").status_code == 303
    names = sorted(one.name for one in people(page))
    assert names[0] == "Anna"
    assert re.fullmatch(r"Anna \d{4}", names[1])
    assert {one.photos for one in people(page)} == {1}


@pytest.mark.parametrize(
    "path", ["/", "/people", "/people/x", "/people-all", "/access", "/status.json", "/preview.jpg"]
)
def test_a_guest_sees_nothing_of_the_operators(guest, path):
    assert guest.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/mode", "/people/x", "/people/x/delete", "/guests", "/pin", "/logout-everywhere",
                                  "/people-all/export", "/people-all/delete"])  # fmt: skip
def test_a_guest_presses_nothing_of_the_operators(page, guest, path):
    page.enrol("Anna")
    assert guest.post(path, mode="selective", shown="off").status_code == 403
    assert people(page)[0].enabled


def test_a_revoked_link_ends_its_guests_login(page, guest):
    (link,) = re.findall(r"/guests/([0-9a-f]{64})/revoke", page.text("/people"))
    assert page.post(f"/guests/{link}/revoke").status_code == 303
    assert guest.get("/me").status_code == 303


def test_a_guest_who_did_not_enrol_is_forgotten_after_a_day(page, guest):
    with ledger.writing(page.box.data) as db:
        db.execute("UPDATE links SET opened_at = opened_at - ?", [guests.STAYS_S + 1])
    assert guest.get("/me").status_code == 303


def test_whom_the_operator_deleted_cannot_come_back_for_ever(page, guest, desk):
    place = begun(guest)
    sent(guest, place, "good 1")
    guest.post(f"{place}/save", name="Gina", until="today")
    with ledger.writing(page.box.data) as db:
        db.execute("UPDATE links SET opened_at = opened_at - ?, expires_at = 1", [guests.STAYS_S + 1])
    assert guest.get("/me").status_code == 200, "as long as he is enrolled he sees and deletes what is his"
    Store.open(page.box.data).remove("Gina", "test")
    assert guest.get("/me").status_code == 303
    assert "/revoke" not in page.text("/people")


def test_a_guest_who_presses_many_times_at_once_is_enrolled_once(page, guest):
    app, link = page.client.application, guests_link(page)
    template = Template("m", identity("g"), np.zeros((112, 112, 3), np.uint8), 0.9, 0.1)
    store, together = Store.open(page.box.data, create=True), threading.Barrier(6)

    def save() -> None:
        with app.test_request_context(), suppress(InputError):
            together.wait(10)
            guests.enrolled(store, Visitor("guest", link), "Gina", [template], "", None)

    threads = [threading.Thread(target=save) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(people(page)) == 1


def test_a_link_revoked_in_the_last_moment_enrols_nobody(page, guest, desk):
    visitor = Visitor("guest", guests_link(page))
    store = Store.open(page.box.data, create=True)
    with page.client.application.test_request_context():
        guests.revoke(visitor.link)
        with pytest.raises(InputError):
            guests.enrolled(store, visitor, "Gina", [], "", None)
    assert people(page) == []


def guests_link(page) -> str:
    """The id of the only link."""
    with page.client.application.test_request_context():
        (link,) = guests.links()
    return link.id


def test_logging_everybody_out_includes_guests(page, guest):
    page.post("/logout-everywhere")
    assert guest.get("/me").status_code == 303
