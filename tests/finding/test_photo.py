"""In a photo every face is found: of any size, on every seam, whichever side of the picture is up."""

import cv2
import numpy as np
import pytest

from appliance import assembly, config
from appliance.core.faces import Face
from appliance.core.frames import blank, from_rgb
from appliance.core.geometry import Box
from appliance.core.identity import NOBODY
from appliance.files import pictures
from appliance.finding.photo import TURNED_SCORE, PhotoFinder, regions
from tests.scripted import at

INPUT = (64, 48)


class UprightEyes:
    """Finds white squares, their lower half grey, 8 to `widest` pixels wide in the input: turned ones are none."""

    input_size = INPUT
    widest = 40

    def __init__(self, score: float = 0.9) -> None:
        self.score = score

    def detect(self, rgb):
        _, _, stats, _ = cv2.connectedComponentsWithStats((rgb[:, :, 0] > 215).astype(np.uint8))
        boxes = [
            (x, y, w, 2 * h) for x, y, w, h, _ in stats[1:].tolist() if 8 <= w <= self.widest and 1.4 < w / h < 2.8
        ]
        return [
            Face(Box(x, y, x + w, y + h), None, self.score) for x, y, w, h in boxes if self._is_grey(rgb, x, y, w, h)
        ]

    def _is_grey(self, rgb, x, y, w, h):
        below = rgb[y + h // 2 + 1 : y + h - 1, x + 1 : x + w - 1, 0]
        return below.size > 0 and 135 < below.mean() < 200


def square(side: int, turns: int):
    """(side, side) luma of one of the faces, turned clockwise."""
    face = np.full((side, side), 235, np.uint8)
    face[side // 2 :] = 160
    return np.rot90(face, -turns)


def frame_with(width: int, height: int, *faces):
    """A frame with faces of (box, turns)."""
    frame = blank(width, height)
    frame.y[:] = 90
    for box, turns in faces:
        frame.y[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] = square(int(box.width), turns)
    return frame


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("side", [12, 26, 60])
def test_whichever_side_is_up_and_whatever_the_size(turns, side):
    for x, y in ((side, side), (145, 101)):
        box = at(x, y, side)
        found = PhotoFinder(UprightEyes()).find(frame_with(256, 192, (box, turns)))
        assert len(found) == 1, (x, y)
        assert found[0].box.iou(box) > 0.6


def test_who_is_upright_against_all_others_must_be_surer():
    two, one = [(at(60, y, 30), 0) for y in (50, 130)], [(at(180, 130, 30), 2)]
    frame = frame_with(256, 192, *two, *one)
    for score, found in ((TURNED_SCORE - 0.05, 2), (TURNED_SCORE + 0.05, 3)):
        assert len(PhotoFinder(UprightEyes(score)).find(frame)) == found


@pytest.mark.parametrize("size", [(64, 48), (640, 480), (4000, 100), (101, 3001), (8000, 6000)])
@pytest.mark.parametrize("turns", range(4))
def test_every_pixel_is_looked_at_and_nothing_beside_the_picture(size, turns):
    looked = np.zeros(size[::-1], bool)
    for region in regions(size, (640, 384), turns):
        assert 0 <= region.x0 < region.x1 <= size[0]
        assert 0 <= region.y0 < region.y1 <= size[1]
        assert region.x0 % 2 == region.y0 % 2 == 0
        looked[region.y0 : region.y1, region.x0 : region.x1] = True
    assert looked.all()


@pytest.mark.parametrize("turns", range(1, 4))
def test_a_photo_that_lies_on_its_side_is_covered_like_one_that_does_not(photos, turns):
    """Messengers strip the EXIF that says which side is up."""
    loaded = config.load()
    parts = assembly.detector(loaded), assembly.deciding_embedder(loaded)[0]
    rgb = cv2.resize(pictures.load(photos / "t1.jpg").rgb, (1024, 709), interpolation=cv2.INTER_AREA)
    upright = covers(rgb, loaded, parts)
    lying = covers(np.rot90(rgb, turns), loaded, parts)
    assert len(upright) == 6
    assert len(lying) >= 6
    height, width = rgb.shape[:2]
    for rect in upright:
        x, y = (rect.x0 + rect.x1) / 2, (rect.y0 + rect.y1) / 2
        x, y = {1: (y, width - x), 2: (width - x, height - y), 3: (height - y, x)}[turns]
        assert any(other.x0 < x < other.x1 and other.y0 < y < other.y1 for other in lying)


def covers(rgb, loaded, parts):
    pipeline = assembly.photo(loaded, *parts, NOBODY)
    (masked,) = pipeline.step(from_rgb(np.ascontiguousarray(rgb), full_chroma=True))
    return masked.covered


def test_a_face_that_only_the_transparency_draws_is_covered(photos, tmp_path):
    from PIL import Image

    from appliance.files.redact_plan import plan
    from appliance.redact import Redactor

    grey = Image.open(photos / "obama.jpg").convert("L").resize((455, 568))
    black = Image.new("RGB", grey.size)
    black.putalpha(grey.point(lambda value: 255 - value))
    black.save(tmp_path / "in.png")
    outcome = Redactor(config.load()).redact(plan([tmp_path / "in.png"], tmp_path / "out.png", overwrite=False).jobs[0])
    assert outcome.error is None
    before, after = (np.asarray(Image.open(tmp_path / name))[:, :, 3] for name in ("in.png", "out.png"))
    changed = np.argwhere(before != after)
    assert (after[before != after] == 255).all()
    assert np.ptp(changed, axis=0).min() > 100


def test_what_is_a_turned_face_only_from_afar_is_none_in_a_photo():
    """A hand among upright people: the close look does not take it for a face."""
    eyes = UprightEyes()
    upright, hand = [(at(60, y, 24), 0) for y in (50, 130)], (at(180, 130, 24), 2)
    frame = frame_with(256, 192, *upright, hand)
    assert len(PhotoFinder(eyes).find(frame)) == 3
    eyes.widest = 12
    assert len(PhotoFinder(eyes).find(frame)) == 2


def test_whoever_leans_on_somebody_surer_is_a_face_as_well():
    """Cheek to cheek with somebody enrolled, who is shown: a photo has no second frame to find the other one again."""
    both = [Face(Box(10, 8, 30, 34), None, 0.9), Face(Box(20, 12, 38, 36), None, 0.5)]

    class Eyes:
        input_size = INPUT

        def detect(self, rgb):
            return both if rgb[0, 0, 0] > 200 else []

    frame = blank(*INPUT)
    frame.y[:4, :4] = 235
    found = PhotoFinder(Eyes()).find(frame)
    assert sorted(face.score for face in found) == [0.5, 0.9]
