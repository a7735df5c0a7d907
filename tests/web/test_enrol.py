"""Enrolling on the page: a verdict for each photo, only what is good is saved, and nothing is anybody else's to see."""

import io
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from appliance.quarantine import Found, Look
from appliance.store import Store
from appliance.store.people import Template
from tests.enrolment.seen import toward
from tests.scripted import identity
from tests.waiting import PATIENCE_S
from web import drafts, enrolling
from web.drafts import Draft, Drafts

JPEG = b"\xff\xd8preview"


class Scripted:
    """A warden that says of each upload what its first line tells."""

    def __init__(self, model: str) -> None:
        self.model = model

    def look(self, file, clip=False):
        file.seek(0)
        code, *who = file.read().decode().split()
        found = tuple(Found("good", self.template(name)) for name in who)
        notes = ("good", "turn") if clip else ()
        return Look("clip" if clip else "photo", code, "", found, JPEG, notes)

    def template(self, name: str) -> Template:
        embedding = toward(0.8, int(name)) if name.isdigit() else identity(name)
        crop = np.full((112, 112, 3), len(name), np.uint8)
        return Template(self.model, embedding, crop, 0.9, 0.1)

    def warm(self) -> None:
        """Nothing to start."""


@pytest.fixture
def desk(page):
    app = page.client.application
    with app.app_context():
        found = enrolling.desk()
    found = replace(found, warden=Scripted(found.model))
    app.extensions["mofy-enrolling"] = found
    return found


def begun(page, **fields) -> str:
    """Where a new draft is."""
    answer = page.post("/enrol", **fields)
    assert answer.status_code == 303
    return answer.location


def sent(page, place: str, *files: str, kind: str = "image/jpeg", part: bool = True):
    """The list after these files, each a line of what is to be found in it."""
    data = {
        "csrf_token": page.token(),
        "photos": [(io.BytesIO(file.encode()), f"{i}.jpg", kind) for i, file in enumerate(files)],
    }
    headers = {"X-Part": "draft"} if part else {}
    return page.client.post(f"{place}/photos", data=data, base_url="http://localhost:8080", headers=headers)


def people(page) -> list:
    return Store.open(page.box.data).people()


def test_photos_get_their_verdicts_and_the_good_ones_are_saved(page, desk):
    place = begun(page)
    shown = sent(page, place, "good 1", "dark", "good 2", "unreadable").get_data(as_text=True)
    assert shown.count('class="used"') == 2
    assert shown.count('class="unused"') == 2
    assert "Too dark" in shown
    assert "Cannot be opened" in shown
    assert "Add photos in other light" in shown
    answer = page.post(f"{place}/save", name=" Anna  B ", note="agreed", until="never")
    (anna,) = people(page)
    assert (anna.name, anna.note, anna.photos, anna.expires_at) == ("Anna B", "agreed", 2, None)
    assert answer.location == f"/people/{anna.id}"
    assert "2 photos saved" in page.text(answer.location)
    assert page.get(place).status_code == 303, "the draft is gone"
    assert ("page", f"person {anna.id}: 2 photos added") in [row[1:] for row in Store.open(page.box.data).audit()]


def test_without_a_script_a_form_does_the_same(page, desk):
    place = begun(page)
    answer = sent(page, place, "good 1", "good 2", part=False)
    assert (answer.status_code, answer.location) == (303, place)
    assert page.text(place).count('class="used"') == 2


def test_who_is_meant_is_tapped(page, desk):
    place = begun(page)
    shown = sent(page, place, "many anna bert").get_data(as_text=True)
    assert "Several faces" in shown
    assert page.get(f"{place}/photos/1/1.png").mimetype == "image/png"
    assert page.post(f"{place}/photos/1/choose", face="5").status_code == 400
    assert page.post(f"{place}/photos/1/choose", face="x").status_code == 400
    page.post(f"{place}/photos/1/choose", face="1")
    page.post(f"{place}/save", name="Bert", until="never")
    (bert,) = people(page)
    (template,) = Store.open(page.box.data).templates(bert.id)
    np.testing.assert_allclose(template.embedding, identity("bert"), atol=1e-6)


def test_a_photo_can_be_taken_away(page, desk):
    place = begun(page)
    sent(page, place, "good 1", "good 2")
    page.post(f"{place}/photos/1/drop")
    assert page.text(place).count('class="used"') == 1
    assert page.get(f"{place}/photos/1.jpg").status_code == 404
    assert page.get(f"{place}/photos/2.jpg").data == JPEG


def test_a_clip_is_told_by_its_looks(page, desk):
    shown = sent(page, begun(page), "good 1 2 3", kind="video/mp4").get_data(as_text=True)
    assert "Clip: good, 3 looks taken, turn the head slowly" in shown
    assert "other light" in shown


def test_a_stranger_among_the_photos_is_left_out_unless_forced(page, desk):
    place = begun(page)
    shown = sent(page, place, "good 1", "good 2", "good carl").get_data(as_text=True)
    assert "Does not look like the other photos" in shown
    page.post(f"{place}/save", name="A", until="never", force="on")
    assert people(page)[0].photos == 3


def test_nearly_the_same_counts_once(page, desk):
    shown = sent(page, begun(page), "good 1", "good 1").get_data(as_text=True)
    assert "Nearly the same" in shown


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "", "until": "never"}, "a name needs"),
        ({"name": "x" * 200, "until": "never"}, "at most 100"),
        ({"name": "A\u202eB", "until": "never"}, "invisible"),
        ({"name": "Anna", "until": "date", "date": ""}, "enter a date"),
        ({"name": "Anna", "until": "date", "date": "2001-01-01"}, "passed already"),
        ({"name": "Anna", "until": "soon"}, "until when"),
        ({"name": "Twice", "until": "never"}, "enrolled already"),
    ],
)
def test_what_cannot_be_saved_is_said_and_the_draft_stays(page, desk, fields, words):
    page.enrol("Twice")
    place = begun(page)
    sent(page, place, "good 1")
    answer = page.post(f"{place}/save", **fields)
    assert answer.status_code == 400
    assert words in answer.get_data(as_text=True)
    assert [one.name for one in people(page)] == ["Twice"]
    assert page.text(place).count('class="used"') == 1


def test_nothing_good_saves_nothing(page, desk):
    place = begun(page)
    sent(page, place, "dark")
    answer = page.post(f"{place}/save", name="Anna", note="asked", until="date", date="2999-12-24")
    assert answer.status_code == 400
    told = answer.get_data(as_text=True)
    assert "none of the photos" in told
    assert all(f'value="{entered}"' in told for entered in ("Anna", "asked", "2999-12-24")), "nobody types it twice"
    assert page.untouched


def test_pressed_twice_or_after_the_way_back_is_saved_once(page, desk):
    place = begun(page)
    sent(page, place, "good 1 2")
    token = page.token()
    where = page.post(f"{place}/save", token, name="Anna", until="never").location
    again = page.post(f"{place}/save", token, name="Anna", until="never").location
    assert [again, page.get(place).location] == [where] * 2
    assert [(one.name, one.photos) for one in people(page)] == [("Anna", 2)]
    told = page.text(where)
    assert "2 photos saved" in told
    assert "half an hour" not in told


def test_presses_of_one_moment_are_one(page, desk, monkeypatch):
    """Photos added to somebody: each of the two would find none of them stored yet."""
    page.enrol("Anna")
    place = begun(page, person=people(page)[0].id)
    sent(page, place, "good 3")
    token, judged = page.token(), enrolling.judged
    both = threading.Barrier(2)

    def slowly(*given, **options):
        time.sleep(0.2)
        return judged(*given, **options)

    def press():
        browser = page.client.application.test_client()
        browser._cookies = dict(page.client._cookies)
        both.wait(10)
        browser.post(f"{place}/save", data={"csrf_token": token}, base_url="http://localhost:8080")

    monkeypatch.setattr(enrolling, "judged", slowly)
    presses = [threading.Thread(target=press) for _ in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join(PATIENCE_S)
    assert people(page)[0].photos == 2


def test_a_draft_that_was_cancelled_leads_back_without_a_word(page, desk):
    place = begun(page)
    assert page.post(f"{place}/cancel").location == "/people"
    assert page.get(place).location == "/people"
    assert "half an hour" not in page.text("/people")


def test_the_name_that_a_tapped_face_was_given_is_there(page, desk):
    assert 'value="Kim &lt;b&gt;"' in page.text(begun(page, name="Kim <b>"))
    page.engine_says()
    assert 'formaction="/enrol"' in page.text("/")


def test_until_when(page, desk):
    place = begun(page)
    sent(page, place, "good 1")
    page.post(f"{place}/save", name="Anna", until="today")
    expires = people(page)[0].expires_at
    assert 0 < expires - time.time() <= 86_400 + 3600


def test_photos_are_added_to_a_person(page, desk):
    anna = page.enrol("Anna")
    place = begun(page, person=anna.id)
    assert "More photos of Anna" in page.text(place)
    sent(page, place, "good 7")
    page.post(f"{place}/save")
    assert people(page)[0].photos == 2


def test_who_is_not_the_person(page, desk):
    anna = page.enrol("Anna")
    place = begun(page, person=anna.id, purpose="reject")
    shown = sent(page, place, "good carl", "good dora").get_data(as_text=True)
    assert shown.count('class="used"') == 2, "they need not be one person"
    page.post(f"{place}/save")
    assert people(page)[0].rejected == 2
    page.post(f"/people/{anna.id}/unreject")
    assert people(page)[0].rejected == 0


def test_a_look_alike_is_warned_of(page, desk):
    place = begun(page)
    sent(page, place, "good base")
    page.post(f"{place}/save", name="Anna", until="never")
    place = begun(page)
    assert "Looks like Anna" in sent(page, place, "good 3").get_data(as_text=True)
    page.post(f"{place}/save", name="Bert", until="never")
    assert "Bert and Anna look alike" in page.text("/people")


def test_drafts_are_their_owners(page, stranger, desk):
    """Not even with the right address."""
    place = begun(page)
    sent(page, place, "good 1")
    for path in (place, f"{place}/photos/1.jpg"):
        assert stranger.get(path).status_code in (303, 401)
    assert page.get("/enrol/nothing").status_code == 303


def test_drafts_end_by_themselves(monkeypatch):
    kept = Drafts()
    mine = kept.begin(Draft("a", None))
    assert kept.find(mine.id, "a") is mine
    assert kept.find(mine.id, "b") is None
    monkeypatch.setattr(drafts, "KEPT_S", -1.0)
    assert kept.find(mine.id, "a") is None


def test_many_drafts_do_not_fill_the_memory(monkeypatch):
    kept = Drafts()
    made = [kept.begin(Draft(f"guest{k}", None)) for k in range(drafts.MOST_DRAFTS * 2)]
    assert sum(kept.find(one.id, one.owner) is not None for one in made) <= drafts.MOST_DRAFTS
    own = [kept.begin(Draft("me", None)) for _ in range(10)]
    assert sum(kept.find(one.id, "me") is not None for one in own) == drafts.MOST_OF_ONE


def test_a_draft_with_photos_outlives_those_that_others_only_opened():
    kept, look = Drafts(), Look("photo", "dark", "", (), JPEG, ())
    mine = kept.begin(Draft("operator", None))
    kept.add(mine, "a.jpg", look)
    for _ in range(20):
        kept.begin(Draft("operator", None), drafts.MOST_OF_OPERATORS)
    for k in range(20):
        kept.begin(Draft(f"guest{k}", None))
    assert kept.find(mine.id, "operator") is mine


def test_a_draft_takes_only_so_many_photos(page, desk):
    place = begun(page)
    sent(page, place, *(f"good {k}" for k in range(drafts.MOST_PHOTOS + 2)), part=False)
    shown = page.text(place)
    assert shown.count('<div class="who">') == drafts.MOST_PHOTOS
    assert "At most 30 photos" in shown


def test_a_file_that_is_too_large_is_refused(page, desk, monkeypatch):
    """By what the request says of itself; the page's own limit is 110 MB."""
    monkeypatch.setattr(page.client.application.view_functions["enrol.add"], "_mofy_takes", 5000)
    place = begun(page)
    assert sent(page, place, "good 1").status_code == 200
    assert sent(page, place, "good 2" + " " * 9000).status_code == 413


def test_after_a_refused_form_the_language_switch_leads_back_to_the_draft(page, desk):
    place = begun(page)
    sent(page, place, "good 1")
    assert page.post(f"{place}/save", name="", until="never").status_code == 400
    came_from = {"Referer": f"http://localhost:8080{place}/save"}
    fields = {"csrf_token": page.token(), "language": "ko"}
    answer = page.client.post("/language", data=fields, base_url="http://localhost:8080", headers=came_from)
    assert answer.location == place
    strange = {"Referer": "http://evil.example/people"}
    answer = page.client.post("/language", data=fields, base_url="http://localhost:8080", headers=strange)
    assert answer.location == "/"
