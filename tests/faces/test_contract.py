"""Every shipped model, over the real runtime, keeps the contract of its kind; int8 says what float says."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest

from appliance import model_files, parts
from appliance.core.alignment import TEMPLATE, similarity
from appliance.core.faces import Face
from appliance.faces import Detector, Embedder

RUNNABLE = [model for model in model_files.models() if model.runtime == "tflite"]
DETECTORS = [model.id for model in RUNNABLE if model.kind == "detector"]
EMBEDDERS = [model.id for model in RUNNABLE if model.kind == "embedder"]
SAME_MAN = ("obama.jpg", "obama2.jpg", "obama3.jpg")
GROUP, GROUP_FACES = "t1.jpg", 6


@cache
def built(model_id: str) -> Detector | Embedder:
    model = model_files.find(model_id)
    runtime = parts.part("runtimes", model.runtime).build(model_files.path(model), 2)
    return parts.part("faces", model.family).build(model, runtime)


def fitted(photo: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, float]:
    scale = min(size[0] / photo.shape[1], size[1] / photo.shape[0])
    small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    canvas[: small.shape[0], : small.shape[1]] = small[: size[1], : size[0]]
    return canvas, scale


def read(photos: Path, name: str) -> np.ndarray:
    return np.ascontiguousarray(cv2.imread(str(photos / name))[:, :, ::-1])


def found(model_id: str, photo: np.ndarray, least: float = 0.6) -> list[Face]:
    detector = built(model_id)
    canvas, scale = fitted(photo, detector.input_size)
    faces = [face.placed(1 / scale, 1 / scale, 0, 0) for face in detector.detect(canvas)]
    return [face for face in faces if face.score >= least]


def aligned(photo: np.ndarray, face: Face) -> np.ndarray:
    return cv2.warpAffine(photo, similarity(face.landmarks, TEMPLATE), (112, 112))


@pytest.mark.parametrize("model_id", DETECTORS)
@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_plain_picture_has_no_face(model_id, level):
    width, height = built(model_id).input_size
    assert built(model_id).detect(np.full((height, width, 3), level, np.uint8)) == []


@pytest.mark.parametrize("model_id", DETECTORS)
def test_six_faces_in_a_group(model_id, photos):
    photo = read(photos, GROUP)
    faces = found(model_id, photo)
    assert len(faces) == GROUP_FACES
    assert [face.score for face in faces] == sorted((face.score for face in faces), reverse=True)
    for face in faces:
        assert 0 < face.score <= 1
        assert face.landmarks.shape == (5, 2)
        assert face.landmarks.dtype == np.float32
        right_eye, left_eye, nose, right_mouth, left_mouth = face.landmarks
        assert right_eye[0] < left_eye[0]
        assert right_mouth[0] < left_mouth[0]
        assert right_eye[1] < nose[1] < left_mouth[1]
        box = face.box
        assert (face.landmarks >= [box.x0, box.y0]).all()
        assert (face.landmarks <= [box.x1, box.y1]).all()


def test_int8_detectors_find_what_float_ones_find(photos):
    for name in (*SAME_MAN, "biden.jpg", GROUP):
        photo = read(photos, name)
        exact, coarse = (found(f"yunet-640x384-{kind}", photo) for kind in ("float", "int8"))
        assert len(exact) == len(coarse)
        for face in exact:
            twin = max(coarse, key=lambda other: face.box.iou(other.box))
            assert face.box.iou(twin.box) > 0.85
            assert face.score == pytest.approx(twin.score, abs=0.06)
            # Two cells may see a face as surely as each other, and int8 may choose the other one.
            assert np.abs(face.landmarks - twin.landmarks).max() < 0.12 * face.box.width


@pytest.mark.parametrize("model_id", EMBEDDERS)
def test_embeddings_are_unit_rows_whatever_the_crop(model_id):
    random = np.random.default_rng(1)
    crops = np.stack(
        [
            random.integers(0, 256, (112, 112, 3)).astype(np.uint8),
            *(np.full((112, 112, 3), k, np.uint8) for k in (0, 255)),
        ]
    )
    rows = built(model_id).embed(crops)
    assert rows.shape == (3, 512)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(rows[1], built(model_id).embed(crops[1:2])[0], atol=1e-6)


@pytest.mark.parametrize("model_id", EMBEDDERS)
def test_one_man_is_nearer_to_himself_than_to_anyone(model_id, photos):
    group = read(photos, GROUP)
    strangers = [aligned(group, face) for face in found(DETECTORS[0], group)]
    him = []
    for name in SAME_MAN:
        photo = read(photos, name)
        him.append(aligned(photo, found(DETECTORS[0], photo)[0]))
    biden = read(photos, "biden.jpg")
    strangers.append(aligned(biden, found(DETECTORS[0], biden)[0]))
    his, theirs = (built(model_id).embed(np.stack(crops)) for crops in (him, strangers))
    least = min(float(a @ b) for a, b in combinations(his, 2))
    assert least > 0.5
    assert float((his @ theirs.T).max()) < 0.3


def test_int8_embeddings_point_where_float_ones_do(photos):
    group = read(photos, GROUP)
    crops = np.stack([aligned(group, face) for face in found(DETECTORS[0], group)])
    exact, coarse = (built(f"mobilefacenet-512-{kind}").embed(crops) for kind in ("float", "int8"))
    assert float((exact * coarse).sum(axis=1).min()) > 0.99
