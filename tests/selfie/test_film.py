"""What of a clip is looked at, and what no clip may do."""

import struct
from fractions import Fraction

import numpy as np
import pytest

from appliance.core.geometry import Box
from appliance.core.quality import Quality
from appliance.errors import InputError, PhotoError
from appliance.selfie import film as films
from appliance.selfie import pick
from tests.make_clips import Clip, Sound, make, turned
from tests.painted import scene
from tests.scripted import face
from tests.selfie.filmed import DETECTOR, EMBEDDER, FRONTAL, RIGHT, film, refusal, stay, who


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


def test_a_minute_is_looked_at_and_it_is_told(tmp_path):
    times = [i * 12800 for i in range(70)]
    clip = pick(film(tmp_path / "a.mp4", stay("ann", 70), times=times), DETECTOR, EMBEDDER)
    assert (clip.cut_short, clip.looked) == (True, 61)
    clip = pick(film(tmp_path / "b.mp4", stay("ann", 60), times=times[:60]), DETECTOR, EMBEDDER)
    assert (clip.cut_short, clip.looked) == (False, 60)


def test_a_clip_whose_clock_stands_still_ends_too(tmp_path, monkeypatch):
    monkeypatch.setattr(films, "MOST_FRAMES", 30)
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
    monkeypatch.setattr(films, "measure", lambda *a: followed.append(1) or Quality(10, 0, 0, 0, 0))
    with pytest.raises(PhotoError):
        pick(film(tmp_path / "a.mp4", stay("ann", 10)), Crowd(), EMBEDDER)
    assert len(followed) <= 4 * films.FACES_MOST


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

    monkeypatch.setattr(films, "VideoReader", fail)
    assert refusal(path) == "cannot be decoded (ZeroDivisionError)"
