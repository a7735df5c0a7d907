"""Two phones press at once: what the one has decided by must still be so when it is done, or it is not done."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from appliance import enrolment
from appliance.store import Store
from appliance.store.tokens import Tokens
from tests.painted import MODELS
from tests.web.conftest import Page
from tests.web.test_enrol import begun, desk, people, sent
from tests.web.test_guest import guest
from web import pin

__all__ = ["desk", "guest"]


@pytest.fixture
def meanwhile(monkeypatch) -> Callable[[Callable[[], object]], None]:
    """Lets something happen right before the next time that the people are written to."""
    usual = Store._writing

    def happens(deed: Callable[[], object]) -> None:
        def first(store):
            monkeypatch.setattr(Store, "_writing", usual)
            deed()
            return usual(store)

        monkeypatch.setattr(Store, "_writing", first)

    return happens


def swapped(page) -> Callable[[], None]:
    """Gives Anna's name to Bert, and Anna another one."""

    def swap() -> None:
        store = Store.open(page.box.data)
        store.change("Anna", "other phone", new_name="Carla")
        store.change("Bert", "other phone", new_name="Anna")

    return swap


def left(page) -> dict[str, str]:
    return {one.id: one.name for one in people(page)}


@pytest.mark.parametrize("path", ["/people/{}", "/api/v1/people/{}"])
def test_who_is_switched_on_is_who_was_meant_whoever_bears_the_name_now(page, meanwhile, path):
    anna, bert = page.enrol("Anna"), page.enrol("Bert")
    for name in ("Anna", "Bert"):
        Store.open(page.box.data).change(name, "test", enabled=False)
    token, program, place = page.token(), api(page), path.format(anna.id)
    meanwhile(swapped(page))
    if path.startswith("/api"):
        page.client.patch(place, json={"enabled": True}, headers=program, base_url="http://localhost:8080")
    else:
        page.post(place, token=token, shown="on")
    assert {one.id: one.enabled for one in people(page)} == {anna.id: True, bert.id: False}


@pytest.mark.parametrize("path", ["/people/{}/delete", "/api/v1/people/{}"])
def test_who_is_deleted_is_who_was_meant(page, meanwhile, path):
    anna, bert = page.enrol("Anna"), page.enrol("Bert")
    token, program, place = page.token(), api(page), path.format(anna.id)
    meanwhile(swapped(page))
    if path.startswith("/api"):
        page.client.delete(place, headers=program, base_url="http://localhost:8080")
    else:
        page.post(place, token=token)
    assert left(page) == {bert.id: "Anna"}


def api(page) -> dict[str, str]:
    """A program's way in."""
    return {"Authorization": f"Bearer {Tokens(page.box.data).make('test', 'test')}"}


def test_everybody_goes_though_one_is_renamed_and_one_deleted_meanwhile(page, meanwhile):
    right = pin.change(page.box.data)
    page.let_in()
    for name in ("Anna", "Bert", "Carl"):
        page.enrol(name)
    token = page.token()

    def rename_and_delete() -> None:
        store = Store.open(page.box.data)
        store.change("Carl", "other phone", new_name="Carla")
        store.remove("Bert", "other phone")

    meanwhile(rename_and_delete)
    page.post("/people-all/delete", token=token, pin=right)
    assert people(page) == []


@pytest.mark.parametrize("purpose", ["enrol", "reject"])
def test_who_is_deleted_while_photos_of_him_are_saved_stays_deleted(page, desk, meanwhile, purpose):
    anna = page.enrol("Anna")
    place = begun(page, person=anna.id, purpose=purpose)
    sent(page, place, "good 1")
    token = page.token()
    meanwhile(lambda: Store.open(page.box.data).remove("Anna", "other phone"))
    answer = page.post(f"{place}/save", token=token)
    assert people(page) == []
    assert "not enrolled any more" in answer.get_data(as_text=True)


def test_photos_never_go_to_another_who_bears_the_name_by_now(page, desk, meanwhile):
    anna, bert = page.enrol("Anna"), page.enrol("Bert")
    place = begun(page, person=anna.id)
    sent(page, place, "good 1")
    token = page.token()
    meanwhile(swapped(page))
    page.post(f"{place}/save", token=token)
    assert {one.id: one.photos for one in people(page)} == {anna.id: 2, bert.id: 1}


def test_two_people_who_are_enrolled_by_one_name_at_once_are_not_made_one(page, desk, meanwhile):
    place = begun(page)
    sent(page, place, "good 1", "good 2")
    token = page.token()
    meanwhile(lambda: page.enrol("anna"))
    answer = page.post(f"{place}/save", token=token, name="Anna", until="never")
    assert [(one.name, one.photos) for one in people(page)] == [("anna", 1)]
    assert "is enrolled already" in answer.get_data(as_text=True)


def test_a_guest_whose_name_is_taken_in_the_last_moment_is_somebody_of_his_own(page, guest, desk, meanwhile):
    place = begun(guest)
    sent(guest, place, "good 1")
    token = guest.token()
    meanwhile(lambda: page.enrol("Gina"))
    guest.post(f"{place}/save", token=token, name="Gina", until="today")
    ours, theirs = sorted(people(page), key=lambda one: one.name)
    assert (ours.name, ours.photos) == ("Gina", 1)
    assert theirs.name.startswith("Gina ")
    guest.post("/me/delete")
    assert left(page) == {ours.id: "Gina"}


def test_a_guest_who_is_renamed_while_he_deletes_himself_is_gone(page, guest, desk, meanwhile):
    place = begun(guest)
    sent(guest, place, "good 1")
    guest.post(f"{place}/save", name="Gina", until="today")
    token = guest.token()
    meanwhile(lambda: Store.open(page.box.data).change("Gina", "other phone", new_name="Gianna"))
    guest.post("/me/delete", token=token)
    assert people(page) == []


def test_who_was_enrolled_while_a_file_was_read_stays_as_he_is(page, meanwhile, monkeypatch):
    page.enrol("Anna")
    page.enrol("Bert")
    answer = page.post("/people-all/export", passphrase="long enough", again="long enough")
    Store.open(page.box.data).remove("Anna", "test")
    monkeypatch.setattr(enrolment, "models", lambda config: MODELS)
    token = page.token()
    meanwhile(lambda: page.enrol("Anna", note="of today"))
    file = (io.BytesIO(answer.data), "people.mofy")
    page.post("/people-all/import", token=token, passphrase="long enough", file=file)
    assert [(one.name, one.note) for one in people(page)] == [("Anna", "of today"), ("Bert", "")]
    assert "left as they are: Bert, Anna" in page.text("/people")


def test_a_photo_that_comes_as_the_other_phone_saves_is_told_not_to_be_saved(page, desk, monkeypatch):
    place = begun(page)
    sent(page, place, "good 1")
    other, token = Page(page.client.application.test_client(), page.box), page.token()
    other.let_in()
    others, look = other.token(), type(desk.warden).look

    def then_saved(warden, *given):
        found = look(warden, *given)
        other.post(f"{place}/save", token=others, name="Anna", until="never")
        return found

    monkeypatch.setattr(type(desk.warden), "look", then_saved)
    data = {"csrf_token": token, "photos": (io.BytesIO(b"good 2"), "2.jpg", "image/jpeg")}
    page.client.post(f"{place}/photos", data=data, base_url="http://localhost:8080", headers={"X-Part": "draft"})
    assert [one.photos for one in people(page)] == [1]
    left_to = page.get(place)
    assert left_to.location == f"/people/{people(page)[0].id}"
    assert "was not saved. Please choose it again" in page.text(left_to.location)


def test_a_photo_that_the_other_phone_takes_away_as_the_list_is_made_harms_nothing(page, desk, monkeypatch):
    place = begun(page)
    sent(page, place, "good 1", "good 2")
    sifted = enrolment.sifted

    def then_dropped(*given):
        found = sifted(*given)
        draft = desk.drafts.find(place.rpartition("/")[2], "operator")
        desk.drafts.replace(draft, 1, None)
        return found

    monkeypatch.setattr(enrolment, "sifted", then_dropped)
    assert page.get(place).status_code == 200
