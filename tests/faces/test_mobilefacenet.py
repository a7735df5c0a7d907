"""The embedder over a runtime that answers what the test says."""

from __future__ import annotations

import numpy as np
import pytest

from appliance import model_files
from appliance.errors import ModelError
from appliance.faces import mobilefacenet
from appliance.runtimes import TensorSpec
from tests.runtimes.scripted import ScriptedRuntime

MODEL = model_files.default("embedder")
TAKES = TensorSpec("input", (1, 112, 112, 3), np.dtype(np.float32))
GIVES = TensorSpec("output", (1, 4), np.dtype(np.float32))


def embedder(answer, gives: TensorSpec = GIVES) -> mobilefacenet.MobileFaceNet:
    return mobilefacenet.build(MODEL, ScriptedRuntime(TAKES, [gives], answer))


def crops(*levels: int) -> np.ndarray:
    return np.stack([np.full((112, 112, 3), level, np.uint8) for level in levels])


def test_rows_have_unit_length_and_the_order_of_the_crops():
    rows = embedder(lambda x: [np.array([[x[0, 0, 0, 0], 1, 0, 0]], np.float32)]).embed(crops(255, 0))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(rows[:, 0], [0.70710677, -0.70710677], atol=1e-6)


def test_bytes_become_minus_one_to_one():
    seen = []
    embedder(lambda x: [seen.append(x.copy()) or np.ones((1, 4), np.float32)]).embed(crops(0, 128, 255))
    np.testing.assert_allclose([x[0, 5, 5, 1] for x in seen], [-1, 1 / 255, 1], atol=1e-6)
    assert {x.dtype for x in seen} == {np.dtype(np.float32)}


def test_no_crops_give_no_rows():
    rows = embedder(lambda _: []).embed(np.zeros((0, 112, 112, 3), np.uint8))
    assert rows.shape == (0, 4)


def test_a_quantised_output_is_read_in_real_values():
    gives = TensorSpec("output", (1, 4), np.dtype(np.int8), 0.5, 10)
    (row,) = embedder(lambda _: [np.array([[16, 18, 10, 10]], np.int8)], gives).embed(crops(1))
    np.testing.assert_allclose(row, [0.6, 0.8, 0, 0], atol=1e-6)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 0.0])
def test_nonsense_is_an_error(wrong):
    answer = np.full((1, 4), wrong, np.float32)
    with pytest.raises(ModelError, match="not finite, or zero"):
        embedder(lambda _: [answer]).embed(crops(3))


def test_crops_of_another_size_are_refused():
    with pytest.raises(ModelError):
        embedder(lambda _: [np.ones((1, 4), np.float32)]).embed(np.zeros((1, 96, 96, 3), np.uint8))
