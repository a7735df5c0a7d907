"""YuNet's decoding, against a slow reference, over a runtime that answers what the test says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import model_files
from appliance.errors import ModelError
from appliance.faces import yunet
from appliance.runtimes import Tensor, TensorSpec
from tests.faces import yunet_slowly
from tests.runtimes.scripted import ScriptedRuntime

MODEL = model_files.default("detector")
WIDTH, HEIGHT = 96, 64
STRIDES = (8, 16, 32)
INT8 = np.dtype(np.int8)
FLOAT = np.dtype(np.float32)
SCALE, ZERO = 12 / 255, 0
NOTHING = -6.0


def map_spec(stride: int, dtype: np.dtype) -> TensorSpec:
    shape = (1, HEIGHT // stride, WIDTH // stride, 16)
    return TensorSpec(f"stride{stride}", shape, dtype, *((SCALE, ZERO) if dtype == INT8 else ()))


def detector(maps: dict[int, Tensor], threshold: float = 0.3, same_face: float = 0.4) -> yunet.YuNet:
    dtype = maps[8].dtype
    specs = [map_spec(stride, dtype) for stride in STRIDES]
    takes = TensorSpec("input", (1, HEIGHT, WIDTH, 3), INT8, 1.0, -128)
    answers = [maps[int(spec.name.removeprefix("stride"))] for spec in sorted(specs, key=lambda spec: spec.name)]
    return yunet.build(MODEL, ScriptedRuntime(takes, specs, lambda _: answers), threshold, same_face)


def empty_maps() -> dict[int, Tensor]:
    return {stride: np.full(map_spec(stride, FLOAT).shape, NOTHING, np.float32) for stride in STRIDES}


def picture() -> Tensor:
    return np.zeros((HEIGHT, WIDTH, 3), np.uint8)


def random_map(stride: int, dtype: np.dtype, seed: int, logits: float) -> Tensor:
    random = np.random.default_rng(seed)
    shape = map_spec(stride, dtype).shape
    if dtype == INT8:
        return random.integers(-128, 128, shape).astype(np.int8)
    real = random.normal(0, 1, shape)
    real[..., :2] = random.normal(logits, 3, real[..., :2].shape)
    return real.astype(np.float32)


@given(
    stride=st.sampled_from(STRIDES),
    dtype=st.sampled_from([INT8, FLOAT]),
    seed=st.integers(0, 10**6),
    threshold=st.floats(0.01, 0.99),
    logits=st.floats(-4, 4),
)
def test_decoding_is_that_of_the_reference(stride, dtype, seed, threshold, logits):
    stored = random_map(stride, dtype, seed, logits)
    spec = map_spec(stride, dtype)
    expected = yunet_slowly.decode(spec.real(stored), stride, threshold)
    decoded = yunet.Level(spec, WIDTH).decode(stored, threshold)
    # A score on the very threshold may fall to either side: single and double precision differ in the last digit.
    sure = [row for row in expected if abs(row[0] - threshold) > 1e-5]
    mine = decoded[np.abs(decoded[:, 0] - threshold) > 1e-5]
    assert mine.shape == (len(sure), 15)
    if sure:
        np.testing.assert_allclose(mine, np.array(sure), rtol=1e-4, atol=2e-3)


def one_face(maps: dict[int, Tensor], stride: int, row: int, column: int, logit: float, size: float = 0.0) -> None:
    cell = maps[stride][0, row, column]
    cell[:] = 0
    cell[:2], cell[4:6] = logit, size
    cell[6:] = np.arange(10) / 10


def test_one_face_lies_where_its_cell_says():
    maps = empty_maps()
    one_face(maps, 16, 2, 3, 2.0, np.log(1.5))
    (face,) = detector(maps).detect(picture())
    assert (face.box.x0, face.box.y0, face.box.x1, face.box.y1) == pytest.approx((36, 20, 60, 44), abs=1e-3)
    assert face.score == pytest.approx(1 / (1 + np.exp(-2.0)), abs=1e-5)
    assert face.landmarks is not None
    assert face.landmarks.dtype == np.float32
    np.testing.assert_allclose(face.landmarks[0], [48.0, 33.6], atol=1e-3)
    np.testing.assert_allclose(face.landmarks[4], [60.8, 46.4], atol=1e-3)


def test_no_face_gives_no_face():
    assert detector(empty_maps()).detect(picture()) == []


def test_faces_come_surest_first_from_all_strides():
    maps = empty_maps()
    for stride, row, column, logit in ((8, 1, 1, 1.0), (16, 3, 4, 3.0), (32, 0, 2, 2.0)):
        one_face(maps, stride, row, column, logit)
    faces = detector(maps).detect(picture())
    assert [round(face.box.width) for face in faces] == [16, 32, 8]


def test_neighbouring_cells_that_see_one_face_give_one_face():
    maps = empty_maps()
    for column, logit in ((4, 1.0), (5, 3.0), (6, 1.5)):
        one_face(maps, 8, 4, column, logit, np.log(5))
    (face,) = detector(maps).detect(picture())
    assert face.box.centre == pytest.approx((40, 32))


def test_two_faces_side_by_side_stay_two():
    maps = empty_maps()
    for column in (2, 5):
        one_face(maps, 8, 4, column, 2.0, np.log(4))
    assert len(detector(maps).detect(picture())) == 2


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("channel", [0, 1, 2, 5, 15])
def test_output_that_is_not_finite_is_an_error_not_an_empty_picture(wrong, channel):
    maps = empty_maps()
    maps[32][0, 1, 2, channel] = wrong
    with pytest.raises(ModelError, match="not finite"):
        detector(maps).detect(picture())


def test_a_wild_size_does_not_overflow():
    maps = empty_maps()
    one_face(maps, 8, 0, 0, 3.0, 500.0)
    (face,) = detector(maps).detect(picture())
    assert np.isfinite(face.box.width)


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_extreme_thresholds_work(threshold):
    maps = empty_maps()
    one_face(maps, 8, 4, 4, 2.0)
    faces = detector(maps, threshold=threshold, same_face=0.0).detect(picture())
    assert len(faces) >= 1 if threshold == 0 else faces == []


def test_a_network_of_another_family_is_refused():
    takes = TensorSpec("input", (1, HEIGHT, WIDTH, 3), FLOAT)
    stranger = ScriptedRuntime(takes, [TensorSpec("output", (1, 512), FLOAT)], lambda _: [])
    with pytest.raises(ModelError, match=r"output is .*a YuNet gives"):
        yunet.build(replace(MODEL, id="stranger"), stranger)


def test_a_picture_of_another_size_is_refused():
    with pytest.raises(ModelError):
        detector(empty_maps()).detect(np.zeros((HEIGHT, WIDTH - 8, 3), np.uint8))


def test_the_input_size_is_width_and_height():
    assert detector(empty_maps()).input_size == (WIDTH, HEIGHT)
