"""Faces that are tapped: what can be wished of each, what became of it; numbers of another run mean nothing."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from appliance.status import ClaimStatus, TrackStatus
from appliance.store import Desired
from tests.web.conftest import RUNNING, Page

RUN = "r1"
BOX = (10, 10, 30, 40)


def scene(page: Page, *tracks: TrackStatus, claims: tuple[ClaimStatus, ...] = ()) -> None:
    page.engine_says(replace(RUNNING, run=RUN, tracks=tracks, claims=claims))


def state(page: Page, language: str = "en") -> dict:
    return page.get("/status.json", headers={"Accept-Language": language}).get_json()


def wished(page: Page) -> list[tuple[str, int | None, str | None]]:
    return [(claim.kind, claim.track, claim.name) for claim in Desired(page.box.data).claims(time.time())]


def test_each_face_says_what_it_is(page):
    anna = page.enrol("Anna")
    claims = (
        ClaimStatus("c1", "reveal", "active", "shown as a guest wherever this face is recognised", 3, "guest-c1"),
        ClaimStatus("c2", "reveal", "pending", "looking at this face", 4),
        ClaimStatus("c3", "cover", "active", "covered", 5),
    )
    tracks = [TrackStatus(n, BOX, who) for n, who in ((1, None), (2, anna.id), (3, "guest-c1"), (4, None), (5, None))]
    scene(page, *tracks, claims=claims)
    found = {face["id"]: (face["state"], face["label"], face["claim"]) for face in state(page)["faces"]}
    assert found == {
        1: ("covered", "Face 1, covered", ""),
        2: ("shown", "Anna, shown", ""),
        3: ("guest", "Guest, shown", "c1"),
        4: ("pending", "Looking at this face …", "c2"),
        5: ("covered", "Face 5, kept covered", "c3"),
    }
    assert [face["label"] for face in state(page, "ko")["faces"]][:2] == ["얼굴 1, 가림", "Anna, 보임"]


def test_a_face_is_revealed_for_an_hour_with_a_name(page):
    scene(page, TrackStatus(7, BOX, None))
    before = time.time()
    assert page.post("/faces/7/reveal", run=RUN, minutes="60", name=" Minji ").status_code == 303
    (claim,) = Desired(page.box.data).claims(time.time())
    assert (claim.kind, claim.run, claim.track, claim.name) == ("reveal", RUN, 7, "Minji")
    assert 3590 < claim.until - before < 3610
    page.post(f"/claims/{claim.id}/withdraw")
    assert wished(page) == []
    page.post(f"/claims/{claim.id}/withdraw")


def test_faces_and_people_are_kept_covered(page):
    anna = page.enrol("Anna")
    scene(page, TrackStatus(7, BOX, anna.id))
    page.post("/faces/7/cover", run=RUN)
    page.post(f"/people/{anna.id}/cover", minutes="60")
    claims = Desired(page.box.data).claims(time.time())
    assert [(claim.kind, claim.track, claim.person) for claim in claims] == [
        ("cover", 7, None),
        ("cover-person", None, anna.id),
    ]
    assert claims[0].until is None
    assert 0 < claims[1].until - time.time() <= 3600


@pytest.mark.parametrize("run", ["", "another", "r2"])
def test_a_number_of_another_run_is_another_face(page, run):
    scene(page, TrackStatus(7, BOX, None))
    page.post("/faces/7/reveal", run=run, minutes="60")
    page.post("/faces/7/cover", run=run)
    assert wished(page) == []
    assert "tap the face again" in page.text()


@pytest.mark.parametrize("minutes", ["0", "-1", "100000", "many", "nan", "1e9"])
def test_a_guest_is_not_for_ever(page, minutes):
    scene(page, TrackStatus(7, BOX, None))
    page.post("/faces/7/reveal", run=RUN, minutes=minutes)
    assert all(claim.until - time.time() <= 3600 for claim in Desired(page.box.data).claims(time.time()))


def test_an_engine_that_is_gone_cannot_be_pointed_at(page):
    page.engine_says(replace(RUNNING, run=RUN, tracks=(TrackStatus(7, BOX, None),)), age_s=60)
    assert state(page)["faces"] == []
    page.post("/faces/7/reveal", run=RUN, minutes="60")
    assert wished(page) == []


def test_what_became_of_it_is_told_in_both_languages_and_not_for_ever(page):
    now = time.time()
    said = (
        ClaimStatus("c1", "reveal", "refused", "this face is too small", 7, asked_at=now),
        ClaimStatus("c2", "reveal", "refused", "this face is too small", 8, asked_at=now - 300),
        ClaimStatus("c3", "reveal", "active", "a word of tomorrow", 9, "guest-c3", now + 3600, now - 300),
    )
    scene(page, claims=said)
    assert [(wish["id"], wish["title"]) for wish in state(page)["said"]] == [("c1", "Face 7"), ("c3", "Guest")]
    assert state(page, "ko")["said"][0]["about"] == "얼굴이 너무 작습니다."
    assert state(page)["said"][1]["about"].startswith("a word of tomorrow · until ")
    assert "This face is too small." in page.text()


def test_the_look_is_wished_as_a_whole_or_not_at_all(page):
    page.post("/look", style="blur", strength="5", margin="0.4", window="20", outline="yes")
    whole = {"style": "blur", "strength": "5", "margin": "0.4", "window": "20", "outline": "true"}
    assert Desired(page.box.data).settings() == whole
    for wrong in ({"style": "nothing"}, {"strength": "9"}, {"window": "0"}, {"margin": "wide"}):
        page.post("/look", **{**whole, "outline": "yes", "strength": "1", **wrong})
        assert Desired(page.box.data).settings() == whole
    page.post("/look/reset")
    assert Desired(page.box.data).settings() == {}


def test_every_style_has_its_sample_and_its_figure(page):
    shown = page.text()
    assert shown.count("Guessed right: ") >= 5
    assert "Not measured" not in shown
    for sample in {part.split('"')[0] for part in shown.split('src="')[1:] if "mask-" in part.split('"')[0]}:
        assert page.get(sample).status_code == 200


def test_recording_starts_and_stops(page):
    page.post("/record", record="start")
    assert Desired(page.box.data).settings() == {"record": "true"}
    page.post("/record", record="stop")
    assert Desired(page.box.data).settings() == {"record": "false"}


def test_the_panic_button_leaves_no_picture(page):
    page.engine_says()
    page.post("/mode", mode="slate")
    assert Desired(page.box.data).settings() == {"mode": "slate"}
    page.engine_says(replace(RUNNING, state="slate", mode="slate"))
    assert state(page)["told"]["headline"] == "No picture, as chosen"
