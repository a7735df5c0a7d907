"""Buttons edit what is wished, leave their trace, and nothing else can press them."""

import pytest

from appliance.live import wishes
from appliance.store import KEY, Desired, Store
from tests.web.conftest import TOKEN


def audit(page) -> list[tuple[str, str]]:
    return [(who, what) for _, who, what in Desired(page.box.data).audit()]


def enabled(page) -> dict[str, bool]:
    return {person.name: person.enabled for person in Store.open(page.box.data).people()}


def test_cover_everyone_and_back(page):
    for mode in ("cover-everyone", "selective", "selective"):
        answer = page.post("/mode", mode=mode)
        assert (answer.status_code, answer.location) == (303, "/")
        assert wishes.wished_mode(page.box.data) == mode
        assert f'value="{mode}" aria-pressed="true"' in page.text()
    assert audit(page)[-1] == ("page", "setting mode: cover-everyone")


def test_a_person_off_and_on(page):
    anna = page.enrol("Anna")
    page.enrol("Bert")
    assert page.post(f"/people/{anna.id}", shown="off").status_code == 303
    assert enabled(page) == {"Anna": False, "Bert": True}
    page.post(f"/people/{anna.id}", shown="off")
    assert enabled(page)["Anna"] is False, "pressed twice is not undone"
    page.post(f"/people/{anna.id}", shown="on")
    assert enabled(page)["Anna"] is True
    assert audit(page)[0] == ("page", f"person {anna.id}: enabled changed")


def test_a_person_who_was_removed_meanwhile(page):
    anna = page.enrol("Anna")
    token = TOKEN.search(page.text())[1]
    Store.open(page.box.data).remove("Anna", "test")
    assert page.post(f"/people/{anna.id}", token=token, shown="off").status_code == 303
    assert "not enrolled any more" in page.text()


def test_what_cannot_be_saved_is_said(page):
    anna = page.enrol("Anna")
    token = TOKEN.search(page.text())[1]
    (page.box.data / KEY).unlink()
    assert page.post(f"/people/{anna.id}", token=token, shown="off").status_code == 303
    assert "Nothing was changed" in page.text()


def test_everyone_can_be_covered_whatever_became_of_the_key(page):
    page.enrol("Anna")
    (page.box.data / KEY).unlink()
    assert page.post("/mode", mode="cover-everyone").status_code == 303
    assert "Nothing was changed" not in page.text()
    assert Desired(page.box.data).settings() == {"mode": "cover-everyone"}


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/mode", {"mode": "off"}),
        ("/mode", {}),
        ("/people/x", {"shown": "maybe"}),
        ("/language", {"language": "xx"}),
    ],
)
def test_wishes_that_nobody_can_press_are_refused(page, path, fields):
    assert page.post(path, **fields).status_code == 400
    assert page.untouched


@pytest.mark.parametrize("token", ["", "x", "IjAi.aaaaaa.bbbbbb"])
@pytest.mark.parametrize("path", ["/mode", "/people/x", "/language"])
def test_without_the_pages_own_token_nothing_changes(page, path, token):
    page.get()
    answer = page.post(path, token=token, mode="cover-everyone", shown="on", language="ko")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "press again" in page.text()
    assert page.untouched
    assert '<html lang="en">' in page.text()


def test_another_browsers_token_is_worth_nothing(page):
    strange = page.client.application.test_client()
    page.let_in(client=strange)
    token = TOKEN.search(strange.get("/", base_url="http://localhost:8080").get_data(as_text=True))[1]
    page.get()
    page.post("/mode", token=token, mode="cover-everyone")
    assert page.untouched


def test_looking_at_a_buttons_address_presses_nothing(page):
    anna = page.enrol("Anna")
    for path in ("/mode", "/language", f"/people/{anna.id}/delete"):
        assert page.get(path).status_code == 405
    page.get(f"/people/{anna.id}?shown=off")
    assert enabled(page)["Anna"]
