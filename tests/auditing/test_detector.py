"""The judge's eyes and memory on real photos, at any frame size."""

import cv2
import numpy as np
import pytest

from appliance.auditing.detector import Detector, padded_rgb
from appliance.auditing.recogniser import SAME_PERSON, SURE_PERSON, Known, Recogniser, known
from appliance.core.alignment import crop
from appliance.core.frames import blank, from_rgb
from tests.test_audit import judge_models

__all__ = ["judge_models"]


@pytest.fixture(scope="module")
def detector(judge_models) -> Detector:
    return Detector()


def frame_of(photos, name, width, full_chroma=False):
    picture = cv2.imread(str(photos / name))[:, :, ::-1]
    size = (width, round(width * picture.shape[0] / picture.shape[1]))
    small = cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA)
    return from_rgb(small, full_chroma=full_chroma)


@pytest.mark.parametrize("width", [640, 641, 333])
@pytest.mark.parametrize("full_chroma", [False, True])
def test_six_people_are_six_faces_at_any_size(detector, photos, width, full_chroma):
    faces = detector.detect(frame_of(photos, "t1.jpg", width, full_chroma))
    assert len(faces) == 6
    assert all(0 <= face.box.x0 < face.box.x1 <= width + 2 for face in faces)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (33, 31), (640, 360)])
def test_an_empty_picture_of_any_size_has_no_face(detector, size):
    assert detector.detect(blank(*size)) == []
    assert all(side % 32 == 0 for side in padded_rgb(blank(*size)).shape[:2])


def test_the_recogniser_tells_people_apart(detector, photos):
    recogniser = Recogniser()
    crops = {}
    for name in ("obama", "obama2", "obama3", "biden"):
        frame = frame_of(photos, f"{name}.jpg", 640)
        (face,) = detector.detect(frame)
        crops[name] = crop(frame, face.landmarks)
    people = known({"Obama": [crops["obama"], crops["obama2"]], "nobody": []}, recogniser)
    assert people.names == ("Obama",)
    name, similarity = people.who([recogniser.embed(crops["obama3"])])
    assert (name, similarity > SURE_PERSON) == ("Obama", True)
    assert people.who([recogniser.embed(crops["biden"])])[1] < SAME_PERSON


def test_nobody_known_is_nobody():
    assert Known().who([np.ones(128, np.float32)]) == ("", 0.0)
