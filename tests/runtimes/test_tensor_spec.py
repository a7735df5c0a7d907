"""Stored values and real values."""

import numpy as np
import pytest

from appliance.runtimes import TensorSpec

INT8 = TensorSpec("x", (1, 4), np.dtype(np.int8), 0.25, -8)
FLOAT = TensorSpec("x", (1, 4), np.dtype(np.float32))


def test_real_values_of_int8():
    real = INT8.real(np.array([[-128, -8, 0, 127]], np.int8))
    assert real.dtype == np.float32
    assert real.tolist() == [[-30.0, 0.0, 2.0, 33.75]]


def test_float_tensors_are_passed_on_without_a_copy():
    stored = np.ones((1, 4), np.float32)
    assert FLOAT.real(stored) is stored
    assert not FLOAT.quantised
    assert INT8.quantised


@pytest.mark.parametrize("spec", [INT8, FLOAT])
def test_a_threshold_means_the_same_stored_as_real(spec):
    assert spec.real(np.array([spec.stored(1.5)], np.float32) if spec is FLOAT else np.array([-2], np.int8)) == 1.5
    assert spec.stored(1.5) == (1.5 if spec is FLOAT else -2)
