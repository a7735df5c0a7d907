import dataclasses

import cv2
import numpy as np
import pytest

from appliance.core.geometry import Box
from appliance.errors import PhotoError
from appliance.files.pictures import Picture, load
from appliance.portraits import LEAST_EYES_PX, chosen, find, portrait
from tests.painted import MODELS, PaintedDetector, block, scene
from tests.scripted import face

DETECTOR = PaintedDetector()


def picture(rgb, alpha=None):
    return Picture(rgb, alpha, None, None, "PNG")


def refusal(rgb, choice=None):
    with pytest.raises(PhotoError) as told:
        portrait(picture(rgb), DETECTOR, choice)
    return str(told.value)


def who(found):
    embedding = MODELS.embedder.embed(found.crop[None])[0]
    return max(("ann", "ben", "cho", "dan", "eve"), key=lambda name: float(embedding @ _known(name)))


def _known(name):
    return MODELS.embedder.embed(portrait(picture(scene((name, 200, (160, 200)))), DETECTOR).crop[None])[0]


def test_a_good_photo_gives_an_upright_crop_and_its_quality():
    found = portrait(picture(scene(("ann", 200, (160, 200)))), DETECTOR)
    assert found.crop.shape == (112, 112, 3)
    assert found.quality.eyes_px == pytest.approx(64, abs=3)
    assert found.quality.turn == pytest.approx(0, abs=0.05)
    assert who(found) == "ann"


@pytest.mark.parametrize("size", [(4000, 3000), (3000, 8000), (700, 700)])
def test_a_face_in_a_large_photo_is_found_and_cut_at_its_own_size(size):
    rgb = scene(("eve", 400, (300, 380)), size=size)
    found = portrait(picture(rgb), DETECTOR)
    assert found.quality.eyes_px == pytest.approx(120, rel=0.08)
    assert who(found) == "eve"


def test_a_face_that_fills_the_picture_is_found_with_a_border():
    rgb = block("ben", (160, 160))
    assert DETECTOR.detect(rgb) == [], "else this shows nothing"
    assert who(portrait(picture(rgb), DETECTOR)) == "ben"


def test_no_face():
    assert refusal(scene()) == "no face was found"


def test_the_largest_is_taken_when_it_is_clearly_the_largest():
    rgb = scene(("ann", 60, (160, 200)), ("ben", 400, (90, 110)))
    assert who(portrait(picture(rgb), DETECTOR)) == "ann"


def test_several_alike_need_a_choice_and_are_numbered_from_the_left():
    rgb = scene(("cho", 420, (130, 160)), ("ann", 20, (140, 170)), ("eve", 220, (150, 180)))
    message = refusal(rgb)
    assert "3 faces" in message
    assert "--face 1" in message
    assert "--face 3" in message
    assert [who(portrait(picture(rgb), DETECTOR, n)) for n in (1, 2, 3)] == ["ann", "eve", "cho"]
    assert "no face 4" in refusal(rgb, 4)


def test_a_choice_may_be_the_smaller_one():
    rgb = scene(("ann", 60, (160, 200)), ("ben", 400, (90, 110)))
    assert who(portrait(picture(rgb), DETECTOR, 2)) == "ben"


class Doubting(PaintedDetector):
    """As sure of each face, from the left, as it is told."""

    def __init__(self, *scores):
        self.scores = scores

    def detect(self, rgb):
        found = sorted(super().detect(rgb), key=lambda seen: seen.box.x0)
        return [dataclasses.replace(seen, score=score) for seen, score in zip(found, self.scores)]


def test_sure_faces_hide_doubtful_ones():
    rgb = scene(("ann", 60, (160, 200)), ("ben", 400, (160, 200)))
    (found,) = find(rgb, Doubting(0.69, 0.9))
    assert found.score == 0.9


@pytest.mark.parametrize(("score", "faces"), [(0.5, 1), (0.49, 0)])
def test_a_doubtful_face_will_do_when_it_is_alone(score, faces):
    assert len(find(scene(("ann", 200, (160, 200))), Doubting(score))) == faces


@pytest.mark.parametrize(
    ("looks", "size", "sign"),
    [
        ({}, (40, 50), "too small"),
        ({}, (80, 180), "turned too far"),
        ({"light": 24, "grain": 12}, (160, 200), "too dark"),
        ({"light": 250, "grain": 12}, (160, 200), "too bright"),
        ({"light": 150, "grain": 2}, (160, 200), "too little contrast"),
    ],
)
def test_what_cannot_be_recognised_is_refused_with_the_reason(looks, size, sign):
    assert sign in refusal(scene(("cho", 200, size), **looks))


def test_a_blurred_face_is_refused():
    rgb = scene(("cho", 200, (160, 200)))
    shade = np.linspace(140, 220, 160)[None, :, None].repeat(200, axis=0).repeat(3, axis=2).astype(np.uint8)
    rgb[92:292, 200:360] = shade
    assert "too blurred" in refusal(rgb)


def test_a_picture_without_room_for_a_face_is_refused():
    for size in ((20, 20), (1, 1), (4000, 3)):
        assert "too small" in refusal(np.zeros((size[1], size[0], 3), np.uint8))


def test_what_lies_under_transparency_is_not_seen():
    rgb = scene(("ann", 60, (160, 200)), ("ben", 400, (160, 200)))
    alpha = np.full(rgb.shape[:2], 255, np.uint8)
    alpha[:, 380:600] = 0
    assert who(portrait(picture(rgb, alpha), DETECTOR)) == "ann"


def test_equal_areas_are_not_clearly_larger():
    pair = [face(Box(0, 0, 100, 100)), face(Box(200, 0, 300, 100))]
    with pytest.raises(PhotoError):
        chosen(pair, None)
    assert chosen(pair[:1], None) is pair[0]
    assert chosen([pair[0], dataclasses.replace(pair[1], box=Box(200, 0, 263, 63))], None) is pair[0]


# Real photos


@pytest.fixture(scope="module")
def real():
    from appliance import assembly, config

    return assembly.detector(config.load())


@pytest.mark.parametrize("name", ["obama", "obama2", "obama3", "biden", "obama_partial_face"])
def test_real_photos_pass(photos, real, name):
    assert portrait(load(photos / f"{name}.jpg"), real).quality.eyes_px > LEAST_EYES_PX


def test_a_real_group_needs_a_choice(photos, real):
    group = load(photos / "t1.jpg")
    with pytest.raises(PhotoError, match="6 faces"):
        portrait(group, real)
    centres = [found.box.centre[0] for found in find(group.rgb, real)]
    assert centres == sorted(centres)
    assert portrait(group, real, 1).crop.shape == (112, 112, 3)


@pytest.mark.parametrize("turned", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180])
def test_a_photo_lying_on_its_side_is_not_enrolled_wrongly(photos, real, turned):
    rgb = cv2.rotate(load(photos / "obama.jpg").rgb, turned)
    try:
        found = portrait(picture(rgb), real)
    except PhotoError:
        return
    assert found.quality.score > 0


@pytest.mark.parametrize(
    ("spoilt", "sign"),
    [
        (lambda rgb: cv2.resize(rgb, None, fx=0.15, fy=0.15, interpolation=cv2.INTER_AREA), "too small|no face"),
        (lambda rgb: cv2.GaussianBlur(rgb, (0, 0), 14), "blurred|no face"),
        (lambda rgb: (rgb * 0.08).astype(np.uint8), "dark|no face"),
        (lambda rgb: (rgb * 0.06 + 120).astype(np.uint8), "contrast|no face"),
    ],
)
def test_spoilt_real_photos_are_refused(photos, real, spoilt, sign):
    with pytest.raises(PhotoError, match=sign):
        portrait(picture(spoilt(load(photos / "obama.jpg").rgb)), real)


def test_a_tightly_cut_real_face_is_found(photos, real):
    rgb = load(photos / "obama.jpg").rgb
    (found,) = find(rgb, real)
    box = found.box.pixels(rgb.shape[1], rgb.shape[0])
    tight = cv2.resize(rgb[box.y0 : box.y1, box.x0 : box.x1], (160, 160), interpolation=cv2.INTER_AREA)
    assert portrait(picture(tight), real).quality.eyes_px > 50
