"""Reveal and cover as wishes about single faces: what each frame shows, and what the engine says of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from appliance.core.identity import NOBODY, Gallery
from appliance.live import numbers
from appliance.live.claims import Claims
from appliance.live.numbers import Numbers
from appliance.pipeline import Pipeline, Settings
from appliance.status import ClaimStatus
from appliance.store import Claim
from tests.scripted import BLACK, HEIGHT, WIDTH, Seen, World, at, bare, identity, people

RUN, WINDOW = "this-run", 6
LEFT, RIGHT = at(80, 120, 60), at(240, 120, 60)


class Dyed(World):
    """Whoever stands in the picture has a colour of skin of his own, and is known by it."""

    CHROMA = {"gus": 60, "sam": 120, "ann": 200}  # noqa: RUF012

    def drawn(self, index: int):
        """See World."""
        frame = super().drawn(index)
        for seen in self.script[index]:
            rect = seen.box.pixels(WIDTH, HEIGHT, 2)
            frame.u[rect.y0 // 2 : rect.y1 // 2, rect.x0 // 2 : rect.x1 // 2] = self.CHROMA[seen.who]
        return frame

    def embed(self, crops: np.ndarray) -> np.ndarray:
        """Whose skin is nearest; blue less luma tells, whatever the light."""
        rows = []
        for crop in crops:
            middle = crop[40:70, 40:70].reshape(-1, 3).astype(float)
            blue = float((middle[:, 2] - middle[:, 0]).mean()) / 1.772 + 128
            rows.append(identity(min(self.CHROMA, key=lambda who: abs(self.CHROMA[who] - blue))))
        return np.stack(rows)


class Box:
    """A pipeline that obeys claims, frame by frame, as the line makes it; `now` is a second per 30 frames."""

    def __init__(self, script, enrolled: Gallery = NOBODY, **settings: object) -> None:
        self.world, self.enrolled = Dyed(script), enrolled
        options = Settings(window=WINDOW, reach=WINDOW, crossings=True, **settings)
        self.pipeline = Pipeline(self.world, self.world, BLACK, settings=options, now=lambda: self.now)
        self.numbers = Numbers()
        self.claims = Claims(RUN, lambda: self.now, self.numbers)
        self.wished: dict[str, Claim] = {}
        self.mode, self.sound, self.index = "selective", True, 0
        self.obey()

    @property
    def now(self) -> float:
        return self.index / 30

    def obey(self) -> None:
        self.claims.obey(list(self.wished.values()), self.enrolled, self.mode, self.pipeline, self.sound)

    def wish(
        self, kind: str, track: int | None = None, run: str | None = RUN, until: float | None = 1e6, **more
    ) -> str:
        key = f"{kind}-{track or more.get('person')}"
        run = run if track is not None else None
        self.wished[key] = Claim(key, kind, until, self.now, run, track, **more)
        self.obey()
        return key

    def withdraw(self, key: str) -> None:
        del self.wished[key]
        self.obey()

    def play(self, frames: int) -> list[dict[str, int]]:
        """Bare pixels by name in each frame that comes out."""
        found = []
        for _ in range(frames):
            for masked in self.pipeline.step(self.world.frame(self.index)):
                script = self.world.script[self.index - WINDOW]
                found.append({seen.who: bare(masked, seen) for seen in script})
            self.claims.turn(self.pipeline)
            self.index += 1
        return found

    def shown(self, frames: int) -> set[str]:
        """Who is bare in any of the next frames."""
        return {who for seen in self.play(frames) for who, pixels in seen.items() if pixels}

    def told(self, key: str) -> ClaimStatus:
        (one,) = [claim for claim in self.claims.report if claim.id == key]
        return one

    def track_at(self, box) -> int:
        """The number of the face nearest to a place, as the report gives it."""
        track = min(self.pipeline.tracks, key=lambda t: abs(t.last.box.centre[0] - box.centre[0]))
        return self.numbers.of(track.id, track.doubted_at)


def two_stand(frames: int = 400):
    return [[Seen("gus", LEFT), Seen("sam", RIGHT)]] * frames


@pytest.fixture
def box() -> Box:
    """Two strangers who stand apart, a second after they came."""
    standing = Box(two_stand())
    assert standing.shown(30) == set()
    return standing


def revealed(box: Box, place=LEFT, **more) -> str:
    """A guest who is shown."""
    key = box.wish("reveal", box.track_at(place), **more)
    box.play(60)
    assert box.told(key).state == "active", box.told(key)
    return key


def test_a_guest_is_shown_within_a_second_or_two_and_nobody_else_is(box):
    key = box.wish("reveal", box.track_at(LEFT))
    box.play(1)
    assert (box.told(key).state, box.told(key).track) == ("pending", 1)
    assert box.shown(45) == {"gus"}
    assert (box.told(key).state, box.told(key).person) == ("active", f"guest-{key}")
    assert box.shown(30) == {"gus"}


def test_a_guest_is_known_again_where_he_comes_back_and_his_track_number_is_nobodys():
    script = [[Seen("gus", LEFT)]] * 100 + [[]] * 60 + [[Seen("sam", LEFT)]] * 60 + [[Seen("gus", RIGHT)]] * 60
    box = Box(script)
    box.play(10)
    revealed(box)
    box.play(90)
    assert box.shown(60) == set(), "who stands where the guest stood"
    assert box.shown(60) == {"gus"}


def test_a_guest_goes_by_himself_to_the_frame(box):
    until = box.now + 4.0
    revealed(box, until=until)
    begin = box.index
    bare_at = [begin + k for k, seen in enumerate(box.play(100)) if seen["gus"]]
    # A frame leaves when the newest is read: what leaves after the end is covered, the window included.
    assert (max(bare_at) + 1) / 30 == pytest.approx(until)
    assert box.claims.report == ()
    assert box.pipeline.people is NOBODY


def test_taken_back_is_covered_at_once_the_window_too(box):
    key = revealed(box)
    assert box.shown(5) == {"gus"}
    box.withdraw(key)
    assert box.shown(60) == set()
    assert box.pipeline.people is NOBODY


def test_more_time_and_a_name_are_given_without_covering_him(box):
    key = revealed(box, until=box.now + 3)
    box.wish("reveal", box.track_at(LEFT), until=box.now + 100, name="Gus")
    assert all(seen["gus"] for seen in box.play(150))
    (guest,) = box.pipeline.people.people
    assert (guest.name, guest.id) == ("Gus", f"guest-{key}")


def test_a_stranger_who_takes_a_guests_place_is_never_shown():
    script = [[Seen("gus", LEFT)]] * 100 + [[Seen("sam", LEFT)]] * 100
    box = Box(script)
    box.play(10)
    revealed(box)
    assert "sam" not in box.shown(130)


def test_somebody_else_on_the_track_while_it_is_learned_is_refused():
    script = [[Seen("gus", LEFT)]] * 40 + [[Seen("sam", LEFT)]] * 100
    box = Box(script)
    box.play(30)
    key = box.wish("reveal", box.track_at(LEFT))
    assert box.shown(100) == set()
    assert (box.told(key).state, box.told(key).words) == (
        "refused", "this was not the same face all the time; try again",
    )  # fmt: skip


def crossing(frames_apart: int, frames_near: int, then_apart: int) -> list[list[Seen]]:
    def standing(gap: int) -> list[Seen]:
        return [Seen("gus", at(160 - gap, 120, 60)), Seen("sam", at(160 + gap, 120, 60))]

    gaps = (
        [80] * frames_apart + list(range(80, 20, -4)) + [20] * frames_near + list(range(20, 80, 4)) + [80] * then_apart
    )
    return [standing(gap) for gap in gaps]


@pytest.mark.parametrize("later", [0, 150])
def test_who_was_pointed_at_before_he_may_have_been_mixed_up_is_refused_however_late(later):
    box = Box(crossing(20, 10, 400))
    box.play(15)
    before = box.track_at(LEFT)
    box.play(60 + later)
    key = box.wish("reveal", before)
    assert box.shown(30) == set()
    assert (box.told(key).state, "choose it anew" in box.told(key).words) == ("refused", True)
    now = box.track_at(LEFT)
    assert now != before
    key = box.wish("reveal", now)
    assert "gus" in box.shown(80)
    assert box.told(key).state == "active"


def test_what_was_refused_is_tried_again_when_it_is_wished_again(box):
    key = box.wish("cover", box.track_at(LEFT))
    reveal = box.wish("reveal", box.track_at(LEFT))
    box.withdraw(key)
    assert box.shown(60) == set()
    assert box.told(reveal).state == "refused"
    box.wish("reveal", box.track_at(LEFT))
    assert "gus" in box.shown(60)


def test_a_cover_holds_though_the_face_may_have_become_another_ones():
    box = Box(crossing(60, 10, 200), people("gus", "sam"))
    assert box.shown(50) == {"gus", "sam"}
    for place in (LEFT, RIGHT):
        box.wish("cover", box.track_at(place))
    assert box.shown(200) == set()


def test_whoever_comes_near_while_learning_ends_it():
    box = Box(crossing(40, 40, 100))
    box.play(38)
    key = box.wish("reveal", box.track_at(LEFT))
    assert box.shown(100) == set()
    assert (box.told(key).state, "too near" in box.told(key).words) == ("refused", True)


def test_a_crossing_covers_a_guest_as_it_does_anyone():
    box = Box(crossing(120, 30, 120))
    box.play(10)
    revealed(box)
    assert box.shown(30) == {"gus"}
    box.play(45)
    assert box.shown(20) == set(), "near each other nobody is shown"
    assert box.shown(120) == {"gus"}, "apart again he is recognised"


@pytest.mark.parametrize(
    ("track", "run", "words"),
    [(99, RUN, "not in the picture"), (1, "another-run", "earlier run"), (1, "", "earlier run")],
)
def test_what_is_not_there_is_refused_in_words(box, track, run, words):
    key = box.wish("reveal", track, run=run)
    assert box.shown(60) == set()
    assert box.told(key).state == "refused"
    assert words in box.told(key).words
    assert box.pipeline.people is NOBODY


def test_a_face_that_left_is_refused():
    box = Box([[Seen("gus", LEFT)]] * 30 + [[]] * 300)
    box.play(40)
    gone = box.wish("reveal", box.track_at(LEFT))
    assert "not in the picture" in box.told(gone).words


def test_a_face_that_leaves_while_it_is_learned_is_refused():
    box = Box([[Seen("gus", LEFT)]] * 40 + [[]] * 100)
    box.play(35)
    key = box.wish("reveal", box.track_at(LEFT))
    box.play(60)
    assert (box.told(key).state, box.told(key).words) == ("refused", "this face left before it was known")


def test_a_face_too_small_to_be_recognised_is_refused_at_last():
    box = Box([[Seen("gus", at(80, 120, 20))]] * 300)
    box.play(10)
    key = box.wish("reveal", box.track_at(LEFT))
    assert box.shown(170) == set()
    assert "too small" in box.told(key).words


def test_who_is_shown_already_is_refused_and_stays_shown():
    box = Box(two_stand(), people("gus"))
    box.play(60)
    key = box.wish("reveal", box.track_at(LEFT))
    assert box.shown(60) == {"gus"}
    assert "already" in box.told(key).words


@pytest.mark.parametrize("mode", ["cover-everyone", "slate"])
def test_where_nobody_may_be_shown_nobody_is_learned(box, mode):
    box.mode = mode
    box.pipeline.adjust(replace(box.pipeline.settings, cover_everyone=True))
    key = box.wish("reveal", box.track_at(LEFT))
    assert box.shown(60) == set()
    assert (box.told(key).state, mode in box.told(key).words) == ("refused", True)


def test_cover_everyone_covers_guests_and_they_come_back_with_selective(box):
    revealed(box)
    box.mode = "cover-everyone"
    box.pipeline.adjust(replace(box.pipeline.settings, cover_everyone=True))
    box.obey()
    assert box.shown(30) == set()
    box.mode = "selective"
    box.pipeline.adjust(replace(box.pipeline.settings, cover_everyone=False))
    box.obey()
    assert box.shown(60) == {"gus"}


def test_who_cannot_be_read_hides_guests_too_for_good(box):
    key = revealed(box)
    box.sound = False
    box.obey()
    assert box.shown(30) == set()
    assert box.told(key).state == "refused"
    box.sound = True
    box.obey()
    assert box.shown(60) == set()


def test_cover_of_a_track_covers_at_once_the_window_too_and_until_it_is_taken_back():
    box = Box(two_stand(), people("gus"))
    box.play(60)
    assert box.shown(5) == {"gus"}
    key = box.wish("cover", box.track_at(LEFT))
    assert box.shown(60) == set()
    assert (box.told(key).state, box.told(key).words) == ("active", "covered")
    box.withdraw(key)
    assert box.shown(30) == {"gus"}


def test_a_cover_ends_by_itself(box):
    box = Box(two_stand(), people("gus"))
    box.play(60)
    box.wish("cover", box.track_at(LEFT), until=box.now + 1)
    assert box.shown(29) == set()
    assert box.shown(30) == {"gus"}
    assert box.claims.report == ()


def test_whoever_was_shown_as_a_covered_track_is_covered_under_another_number_too():
    script = [[Seen("gus", LEFT)]] * 80 + [[]] * 60 + [[Seen("gus", RIGHT)]] * 100
    box = Box(script, people("gus"))
    assert "gus" in box.shown(80)
    key = box.wish("cover", box.track_at(LEFT))
    assert box.shown(150) == set()
    assert "not in the picture" in box.told(key).words
    box.withdraw(key)


def test_a_covered_track_that_another_person_takes_over_does_not_cover_him_for_ever():
    script = [[Seen("sam", LEFT)]] * 60 + [[Seen("gus", LEFT)]] * 60 + [[]] * 60 + [[Seen("gus", RIGHT)]] * 60
    box = Box(script, people("gus"))
    box.play(30)
    box.wish("cover", box.track_at(LEFT))
    assert box.shown(140) == set()
    assert box.shown(70) == {"gus"}


def test_cover_of_a_person_holds_on_every_track():
    script = [[Seen("gus", LEFT), Seen("ann", RIGHT)]] * 80 + [[]] * 60 + [[Seen("gus", RIGHT)]] * 100
    box = Box(script, people("gus", "ann"))
    assert box.shown(60) == {"gus", "ann"}
    key = box.wish("cover-person", person="gus")
    assert box.shown(20) == {"ann"}
    assert "gus" not in box.shown(120)
    box.withdraw(key)
    assert box.shown(30) == {"gus"}


def test_cover_wins_over_reveal_whichever_was_first(box):
    track = box.track_at(LEFT)
    cover = box.wish("cover", track)
    reveal = box.wish("reveal", track)
    assert box.shown(60) == set()
    assert "wished covered" in box.told(reveal).words
    box.withdraw(cover)
    box.wish("reveal", track)
    assert "gus" in box.shown(60)
    box.wish("cover", track)
    assert box.shown(40) == set()
    assert box.told(reveal).words == "covered, by another wish"


def test_a_covered_person_is_not_revealed_as_a_guest_by_a_detour():
    box = Box(two_stand(), people("gus"))
    box.wish("cover-person", person="gus")
    box.play(30)
    box.wish("reveal", box.track_at(LEFT))
    assert box.shown(120) == set()


def test_a_guest_who_may_be_the_person_covered_later_is_covered_too(box):
    revealed(box)
    box.enrolled = people("gus")
    box.wish("cover-person", person="gus")
    assert box.shown(60) == set()


def test_two_guests_one_after_the_other(box):
    box.wish("reveal", box.track_at(LEFT))
    box.wish("reveal", box.track_at(RIGHT))
    assert box.shown(100) == {"gus", "sam"}
    assert box.shown(10) == {"gus", "sam"}


def test_revealing_somebody_does_not_cover_who_is_shown():
    box = Box(two_stand(), people("gus"), verifications=1)
    box.play(60)
    box.wish("reveal", box.track_at(RIGHT))
    assert all(seen["gus"] for seen in box.play(40))


def test_nothing_of_a_refused_face_is_kept(box):
    key = box.wish("reveal", box.track_at(LEFT))
    box.play(10)
    box.mode = "cover-everyone"
    box.obey()
    reveal = box.claims._reveals[key]
    assert (reveal.state, reveal.study.looks, reveal.guest) == ("refused", (), None)


def test_a_face_is_kept_covered_after_its_number_was_forgotten(monkeypatch):
    """A busy street: so many numbers were given since that the one that somebody pointed at is remembered no more."""
    monkeypatch.setattr(numbers, "MOST", 3)
    box = Box([[Seen("ann", LEFT)]] * 60)
    box.play(1)
    pointed_at = box.track_at(LEFT)
    box.wish("cover", pointed_at, until=None)
    for track in range(100, 104):
        box.numbers.of(track, -1)
    assert box.numbers.face(pointed_at) is None
    box.enrolled = people("ann")
    box.obey()
    assert box.shown(50) == set()
