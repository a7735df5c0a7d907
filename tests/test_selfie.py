"""Clips of painted people: whose clip it is, which looks are kept, and what no clip may do."""

import struct
from fractions import Fraction

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance import selfie
from appliance.core.geometry import Box
from appliance.core.quality import Quality
from appliance.errors import InputError, PhotoError
from appliance.files.pictures import load
from appliance.selfie import CLEAR_SHARE, LOOKS_MOST, LOOKS_WANTED, NEAR_DOUBLE, NEWS, Look, Picked, pick, view
from tests.make_clips import Clip, Sound, make, turned
from tests.painted import PaintedDetector, PaintedEmbedder, scene
from tests.scripted import face, identity

NOSE = {1.25: 0.5, 1.5: 0.65, 1.0: 0.35}
"""Where the nose is, in widths of the face, by the face's height over its width."""

FRONTAL, RIGHT, LEFT = (160, 200), (140, 210), (180, 180)


class TurningDetector(PaintedDetector):
    """Painted heads that turn: narrow ones look to the right, square ones to the left."""

    def detect(self, rgb):
        found = super().detect(rgb)
        for seen in found:
            ratio = min(NOSE, key=lambda known: abs(known - seen.box.height / seen.box.width))
            seen.landmarks[2, 0] = seen.box.x0 + NOSE[ratio] * seen.box.width
        return found


class GrainyEmbedder(PaintedEmbedder):
    """Two pictures of one person are less alike: as of real heads that turn."""

    def _one(self, crop):
        grain = np.random.default_rng(int(crop.sum())).normal(size=64) * 0.07
        return unit(super()._one(crop) + grain)


DETECTOR, EMBEDDER = TurningDetector(), GrainyEmbedder()


def film(path, pictures, **options):
    """The pictures as a clip, 25 a second, hardly compressed."""
    size = (pictures[0].shape[1], pictures[0].shape[0])
    return make(
        path, Clip(size, len(pictures), pictures=pictures, options={"crf": "8", "preset": "ultrafast"}, **options)
    )


def stay(who, frames, left=200, size=FRONTAL, step=0, seed=0, **looks):
    return [scene((who, left + step * i, size), seed=seed, **looks) for i in range(frames)]


def who(picked):
    return {
        max(("ann", "ben", "cho", "dan", "eve"), key=lambda n: float(one.embedding @ identity(n))) for one in picked
    }


def count(clip, way):
    return sum(one.look.view == way for one in clip.picked)


def refusal(path, choice=None):
    with pytest.raises(InputError) as told:
        pick(path, DETECTOR, EMBEDDER, choice)
    assert str(told.value).isprintable()
    return str(told.value)


def test_a_head_that_turns_gives_looks_of_every_side(tmp_path):
    pictures = [p for i in range(6) for p in stay("ann", 20, size=(FRONTAL, LEFT, RIGHT)[i % 3], seed=i)]
    clip = pick(film(tmp_path / "a.mp4", pictures), DETECTOR, EMBEDDER)
    assert clip.looked == pytest.approx(48, abs=2)
    assert 5 <= len(clip.picked) <= LOOKS_MOST
    assert all(count(clip, way) for way in selfie.VIEWS)
    assert who(clip.picked) == {"ann"}
    assert {one.look.crop.shape for one in clip.picked} == {(112, 112, 3)}
    assert not clip.cut_short
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"], "nothing of it is written anywhere"


@pytest.mark.parametrize(("name", "codec"), [("a.mov", "libx264"), ("a.mkv", "libx264"), ("a.webm", "libvpx")])
def test_clips_as_phones_make_them(tmp_path, name, codec):
    sound = Sound("libopus" if name.endswith("webm") else "aac", seconds=1.0)
    path = tmp_path / name
    make(path, Clip((640, 384), 25, codec, pictures=stay("ann", 25), sounds=[sound]))
    assert who(pick(path, DETECTOR, EMBEDDER).picked) == {"ann"}


def test_a_clip_stored_on_its_side_is_upright(tmp_path):
    upright = stay("eve", 25, left=100, size=RIGHT)
    stored = [np.rot90(picture) for picture in upright]
    path = turned(film(tmp_path / "a.mp4", stored), 0, 1, -1, 0)
    clip = pick(path, DETECTOR, EMBEDDER)
    assert {one.look.view for one in clip.picked} == {"right"}
    assert who(clip.picked) == {"eve"}


def test_two_alike_in_size_need_a_choice_and_it_counts_from_the_left(tmp_path):
    pair = [scene(("ann", 60 + i, FRONTAL), ("ben", 400 - i, FRONTAL)) for i in range(25)]
    path = film(tmp_path / "a.mp4", pair)
    assert "shows 2 faces and none is clearly the largest; choose with --face 1 (leftmost) to --face 2" in refusal(path)
    assert who(pick(path, DETECTOR, EMBEDDER, 1).picked) == {"ann"}
    assert who(pick(path, DETECTOR, EMBEDDER, 2).picked) == {"ben"}
    for wrong in (3, 99):
        assert f"there is no face {wrong} from the left" in refusal(path, wrong)


def test_twins_side_by_side_are_two_however_alike(tmp_path):
    twins = [scene(("ann", 60, FRONTAL), ("ann", 400, FRONTAL)) for _ in range(25)]
    assert "shows 2 faces" in refusal(film(tmp_path / "a.mp4", twins))


def test_a_choice_counts_the_faces_that_the_refusal_counted(tmp_path):
    """A small one on the left counts when it is asked for, so it counts when it is told."""
    three = [scene(("cho", 10, (72, 90)), ("ann", 120, FRONTAL), ("ben", 400, FRONTAL)) for _ in range(25)]
    path = film(tmp_path / "a.mp4", three)
    assert "shows 3 faces" in refusal(path)
    assert [who(pick(path, DETECTOR, EMBEDDER, n).picked) for n in (1, 2, 3)] == [{"cho"}, {"ann"}, {"ben"}]


def test_who_is_clearly_larger_or_longer_there_is_meant(tmp_path):
    behind = [scene(("ann", 60, FRONTAL), ("ben", 500, (72, 90))) for _ in range(25)]
    assert who(pick(film(tmp_path / "a.mp4", behind), DETECTOR, EMBEDDER).picked) == {"ann"}
    assert who(pick(tmp_path / "a.mp4", DETECTOR, EMBEDDER, 2).picked) == {"ben"}, "the smaller one can be chosen"
    passing = stay("ann", 40, left=60) + [scene(("ann", 60, FRONTAL), ("ben", 400, FRONTAL)) for _ in range(12)]
    assert who(pick(film(tmp_path / "b.mp4", passing), DETECTOR, EMBEDDER).picked) == {"ann"}


def test_who_goes_and_comes_back_elsewhere_is_one_person(tmp_path):
    pictures = stay("ann", 25, left=60) + stay("ann", 40, left=-500) + stay("ann", 25, left=420, seed=3)
    clip = pick(film(tmp_path / "a.mp4", pictures), DETECTOR, EMBEDDER)
    assert who(clip.picked) == {"ann"}
    numbers = [one.look.number for one in clip.picked]
    assert min(numbers) < 12
    assert max(numbers) > 24


def test_two_people_one_after_the_other_are_refused_whatever_is_chosen(tmp_path):
    path = film(tmp_path / "a.mp4", stay("ann", 25, left=40) + stay("ben", 25, left=440, light=60))
    for choice in (None, 1, 2):
        assert "different people one after the other" in refusal(path, choice)


def test_a_face_that_takes_anothers_place_is_noticed(tmp_path):
    """The tracker follows a place; no cut parts the two."""
    path = film(tmp_path / "a.mp4", stay("ann", 25) + stay("ben", 25))
    assert "different people" in refusal(path)


def test_a_minute_is_looked_at_and_it_is_told(tmp_path):
    times = [i * 12800 for i in range(70)]
    clip = pick(film(tmp_path / "a.mp4", stay("ann", 70), times=times), DETECTOR, EMBEDDER)
    assert (clip.cut_short, clip.looked) == (True, 61)
    clip = pick(film(tmp_path / "b.mp4", stay("ann", 60), times=times[:60]), DETECTOR, EMBEDDER)
    assert (clip.cut_short, clip.looked) == (False, 60)


def test_a_clip_whose_clock_stands_still_ends_too(tmp_path, monkeypatch):
    monkeypatch.setattr(selfie, "MOST_FRAMES", 30)
    path = film(tmp_path / "a.mkv", stay("ann", 50), times=list(range(50)), time_base=Fraction(1, 1000))
    clip = pick(path, DETECTOR, EMBEDDER)
    assert clip.cut_short
    assert clip.looked == 1


@pytest.mark.parametrize("rate", [10, 30, 120])
def test_ten_frames_a_second_are_looked_at_whatever_the_rate(tmp_path, rate):
    times = [i * 12800 // rate for i in range(2 * rate)]
    clip = pick(film(tmp_path / "a.mp4", stay("ann", 2 * rate), times=times), DETECTOR, EMBEDDER)
    assert clip.looked == pytest.approx(20, abs=2)


def test_a_single_picture_is_a_clip_too(tmp_path):
    assert len(pick(film(tmp_path / "a.mp4", stay("ann", 1)), DETECTOR, EMBEDDER).picked) == 1


@pytest.mark.parametrize(
    "picture", [scene(), scene(("ann", 200, (40, 50))), scene(("cho", 200, FRONTAL), light=20, grain=8)]
)
def test_without_a_face_that_is_fit_nothing_is_taken(tmp_path, picture):
    assert "no face was found" in refusal(film(tmp_path / "a.mp4", [picture] * 25))


def test_too_small_a_picture_holds_no_face(tmp_path):
    assert "no face was found" in refusal(make(tmp_path / "a.mp4", Clip((32, 32))))


class BeyondTheEdge:
    """Guesses a face that the edge of the picture cuts in half."""

    input_size = (640, 384)

    def detect(self, rgb):
        return [face(Box(-80.0, 92.0, 80.0, 292.0))]


def test_half_a_face_at_the_edge_is_not_taken(tmp_path):
    path = film(tmp_path / "a.mp4", stay("ann", 25, left=0))
    with pytest.raises(PhotoError, match="no face was found"):
        pick(path, BeyondTheEdge(), EMBEDDER)


class Crowd:
    """Finds a hundred faces in every picture."""

    input_size = (640, 384)

    def detect(self, rgb):
        return [face(Box(x, y, x + 50.0, y + 60.0)) for x in range(0, 600, 60) for y in range(0, 300, 70)]


def test_a_crowd_costs_no_more_than_its_largest_faces(tmp_path, monkeypatch):
    followed = []
    monkeypatch.setattr(selfie, "measure", lambda *a: followed.append(1) or Quality(10, 0, 0, 0, 0))
    with pytest.raises(PhotoError):
        pick(film(tmp_path / "a.mp4", stay("ann", 10)), Crowd(), EMBEDDER)
    assert len(followed) <= 4 * selfie.FACES_MOST


# Hostile files


def damaged(path, how):
    data = bytearray(film(path, stay("ann", 50)).read_bytes())
    if how == "half":
        del data[len(data) // 2 :]
    elif how == "holes":
        data[2000:2600] = bytes(600)
    elif how == "size":
        place = data.index(b"avc1") + 28
        struct.pack_into(">HH", data, place, 65535, 65535)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("how", ["half", "holes", "size"])
def test_a_damaged_clip_is_told_or_read(tmp_path, how):
    path = damaged(tmp_path / "a.mp4", how)
    told = ""
    try:
        assert who(pick(path, DETECTOR, EMBEDDER).picked) == {"ann"}
    except InputError as error:
        told = str(error)
    assert told == "" or (told.isprintable() and "a.mp4" in told)


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x00\x00\x20ftypisom" + b"\xff" * 4000, b"\x1a\x45\xdf\xa3" + bytes(4000)]
)
def test_what_only_looks_like_a_clip_is_told(tmp_path, content):
    (tmp_path / "a.mp4").write_bytes(content)
    assert refusal(tmp_path / "a.mp4")


def test_a_decoder_that_fails_as_nobody_foresaw_is_told(tmp_path, monkeypatch):
    path = film(tmp_path / "a.mp4", stay("ann", 5))

    def fail(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(selfie, "VideoReader", fail)
    assert refusal(path) == "cannot be decoded (ZeroDivisionError)"


# Which looks


def look(number, clarity, way="frontal"):
    quality = Quality(40 * clarity**2, 0.0 if way == "frontal" else 0.6, 500, 120, 40)
    return Look(number, np.zeros((112, 112, 3), np.uint8), quality, way)


def unit(vector):
    return (vector / np.linalg.norm(vector)).astype(np.float32)


looks = st.lists(st.tuples(st.floats(0.2, 1), st.floats(0, 1.5), st.integers(0, 5)), min_size=1, max_size=60)


@settings(max_examples=200)
@given(looks)
def test_what_is_kept_is_clear_unlike_and_begins_with_the_best(given_looks):
    every = []
    for number, (clarity, angle, direction) in enumerate(given_looks):
        row = np.cos(angle) * identity("ann") + np.sin(angle) * identity(f"{direction}")
        every.append(Picked(look(number, clarity), unit(row)))
    kept = selfie._diverse(every)
    assert 1 <= len(kept) <= LOOKS_MOST
    assert kept[0].look.quality.score == max(one.look.quality.score for one in every)
    rows = np.stack([one.embedding for one in kept])
    np.fill_diagonal(alike := rows @ rows.T, 0)
    assert alike.max() < NEAR_DOUBLE
    if len(kept) > LOOKS_WANTED:
        later = alike[LOOKS_WANTED:]
        assert all(row[: LOOKS_WANTED + i].max() < NEWS for i, row in enumerate(later)), "what comes late is news"
    best = np.quantile([one.look.clarity for one in every], 0.9)
    assert all(one.look.clarity >= CLEAR_SHARE * best for one in kept)
    left = [one for one in every if one.look.clarity >= CLEAR_SHARE * best and one not in kept]
    if len(kept) < LOOKS_MOST:
        limit = NEAR_DOUBLE if len(kept) < LOOKS_WANTED else NEWS
        assert all((rows @ one.embedding).max() >= limit for one in left), "nothing worth keeping is left"


@settings(max_examples=100)
@given(st.integers(1, 30), st.integers(0, 30))
def test_a_few_slips_are_dropped_and_many_are_somebody_else(own, others):
    dice = np.random.default_rng(own * 31 + others)

    def seen(who, number):
        return Picked(look(number, 1.0), unit(identity(who) + 0.03 * dice.normal(size=64)))

    every = [seen("ann", i) for i in range(own)] + [seen("ben", own + i) for i in range(others)]
    fewer = min(own, others)
    if fewer >= 2 and fewer >= selfie.DIFFERENT_SHARE * (own + others):
        with pytest.raises(PhotoError, match="different people"):
            selfie._of_one_person(every)
    else:
        kept = selfie._of_one_person(every)
        assert len(who(kept)) == 1
        assert len(kept) == max(own, others)


def test_the_view_is_where_the_nose_points_even_when_the_head_is_tilted():
    marks = face(Box(0, 0, 100, 100)).landmarks
    for shift, told in ((0, "frontal"), (18, "right"), (-18, "left")):
        for degrees in (-40, 0, 40):
            nose = marks.copy()
            nose[2, 0] += shift
            turn = 0.0 if shift == 0 else 0.8
            tilted = cv2.transform(nose[None], cv2.getRotationMatrix2D((50, 50), degrees, 1.0))[0]
            assert view(tilted, turn) == told


def test_a_side_view_is_no_less_clear():
    assert look(0, 0.7, "left").clarity == pytest.approx(look(0, 0.7).clarity)


# Real faces


@pytest.fixture(scope="module")
def real():
    from appliance import config, enrolment

    return enrolment.models(config.load())


def panned(picture, frames=12):
    """A still photo under a hand-held camera."""
    height = 480
    whole = cv2.resize(
        picture, (round(picture.shape[1] * height / picture.shape[0]), height), interpolation=cv2.INTER_AREA
    )
    canvas = cv2.copyMakeBorder(whole, 20, 20, 20, 660, cv2.BORDER_REPLICATE)
    return [np.ascontiguousarray(canvas[i : i + height, i : i + 640]) for i in range(frames)]


def test_a_real_mans_photos_in_one_clip_are_one_man(photos, real, tmp_path):
    pictures = [p for name in ("obama", "obama2", "obama3") for p in panned(load(photos / f"{name}.jpg").rgb)]
    clip = pick(film(tmp_path / "a.mp4", pictures), real.detector, real.embedder)
    assert 3 <= len(clip.picked) <= LOOKS_MOST
    rows = np.stack([one.embedding for one in clip.picked])
    assert (rows @ unit(rows.mean(axis=0))).min() > 0.6


def test_two_real_men_in_one_clip_are_refused(photos, real, tmp_path):
    pictures = [p for name in ("obama", "biden") for p in panned(load(photos / f"{name}.jpg").rgb, 50)]
    with pytest.raises(PhotoError, match="different people"):
        pick(film(tmp_path / "a.mp4", pictures), real.detector, real.embedder)


def test_a_real_group_needs_a_choice(photos, real, tmp_path):
    group = load(photos / "t1.jpg").rgb
    wide = cv2.resize(
        group, (1280, round(group.shape[0] * 1280 / group.shape[1]) // 2 * 2), interpolation=cv2.INTER_AREA
    )
    path = film(tmp_path / "a.mp4", [wide] * 10)
    with pytest.raises(PhotoError, match=r"faces and none is clearly the largest"):
        pick(path, real.detector, real.embedder)
    assert len(pick(path, real.detector, real.embedder, 1).picked) == 1, "ten times the same picture is one"
