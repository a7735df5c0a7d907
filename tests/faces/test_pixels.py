"""Bytes to what an input stores."""

import numpy as np
import pytest

from appliance.errors import ModelError
from appliance.faces._pixels import to_input
from appliance.runtimes import TensorSpec

BYTES = np.arange(256, dtype=np.uint8).repeat(3).reshape(1, 16, 16, 3)


def spec(dtype: type, scale: float = 1.0, zero_point: int = 0) -> TensorSpec:
    return TensorSpec("input", BYTES.shape, np.dtype(dtype), scale, zero_point)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (127.5, 127.5), (104.0, 57.0)])
def test_float_inputs_get_the_real_values(mean, std):
    stored = to_input(spec(np.float32), mean, std)(BYTES)
    assert stored.dtype == np.float32
    np.testing.assert_allclose(stored, (BYTES.astype(float) - mean) / std, atol=1e-5)


@pytest.mark.parametrize(
    ("mean", "std", "scale", "zero_point"),
    [(0.0, 1.0, 1.0, -128), (127.5, 127.5, 1 / 127.5, -1), (127.5, 127.5, 1 / 127.5, 0), (104.0, 57.0, 0.02, 11)],
)
def test_int8_inputs_get_the_nearest_level_that_there_is(mean, std, scale, zero_point):
    there = spec(np.int8, scale, zero_point)
    stored = to_input(there, mean, std)(BYTES)
    assert stored.dtype == np.int8
    assert stored.shape == BYTES.shape
    reach = there.real(np.array([-128, 127], np.int8))
    wanted = np.clip((BYTES.astype(float) - mean) / std, *reach)
    assert np.abs(there.real(stored) - wanted).max() <= scale / 2 + 1e-5


def test_the_short_way_and_the_long_way_agree():
    short = to_input(spec(np.int8, 1.0, -128), 0.0, 1.0)(BYTES)
    assert (short == BYTES.astype(int) - 128).all()
    assert short.base is not BYTES


def test_the_picture_is_left_alone():
    pixels = BYTES.copy()
    to_input(spec(np.int8, 1.0, -128), 0.0, 1.0)(pixels)[:] = 0
    assert (pixels == BYTES).all()


def test_an_unknown_dtype_is_refused():
    with pytest.raises(ModelError, match="float16"):
        to_input(spec(np.float16), 0.0, 1.0)
