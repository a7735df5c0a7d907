"""Every runtime, real or scripted, keeps the contract of `appliance.runtimes.Runtime`."""

from __future__ import annotations

import numpy as np
import pytest

from appliance import model_files
from appliance.errors import ModelError
from appliance.runtimes import Runtime, TensorSpec, tflite
from tests.runtimes.scripted import ScriptedRuntime

TFLITE_MODELS = [model for model in model_files.models() if model.runtime == "tflite"]


def scripted() -> ScriptedRuntime:
    takes = TensorSpec("input", (1, 4, 6, 3), np.dtype(np.int8), 0.5, 3)
    gives = [TensorSpec(name, (1, 2, 3, 2), np.dtype(np.float32)) for name in ("b", "a")]
    return ScriptedRuntime(takes, gives, lambda tensor: [tensor[:, :2, :3, :2].astype(np.float32) * k for k in (1, 2)])


@pytest.fixture(params=["scripted", *(model.id for model in TFLITE_MODELS)])
def runtime(request: pytest.FixtureRequest) -> Runtime:
    if request.param == "scripted":
        return scripted()
    return tflite.build(model_files.path(model_files.find(request.param)), threads=2)


def noise(spec: TensorSpec, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    if spec.quantised:
        return random.integers(-128, 128, spec.shape).astype(spec.dtype)
    return random.uniform(-1, 1, spec.shape).astype(spec.dtype)


def test_outputs_have_the_promised_names_shapes_and_dtypes(runtime):
    (spec,) = runtime.inputs
    outputs = runtime.run(noise(spec, 1))
    assert [output.name for output in runtime.outputs] == sorted(output.name for output in runtime.outputs)
    for promised, output in zip(runtime.outputs, outputs, strict=True):
        assert output.shape == promised.shape
        assert output.dtype == promised.dtype


def test_the_caller_owns_the_outputs(runtime):
    (spec,) = runtime.inputs
    first = runtime.run(noise(spec, 1))
    kept = [output.copy() for output in first]
    second = runtime.run(noise(spec, 2))
    assert all((a == b).all() for a, b in zip(first, kept))
    assert any((a != b).any() for a, b in zip(first, second))
    assert all(output.flags.writeable for output in first)


def test_the_same_input_gives_the_same_output_and_is_left_alone(runtime):
    (spec,) = runtime.inputs
    tensor = noise(spec, 3)
    before = tensor.copy()
    first, _, third = (runtime.run(x) for x in (tensor, noise(spec, 4), tensor))
    assert all((a == b).all() for a, b in zip(first, third))
    assert (tensor == before).all()


def test_a_tensor_of_another_shape_or_dtype_is_refused(runtime):
    (spec,) = runtime.inputs
    tensor = noise(spec, 5)
    for wrong in (tensor[:, 1:], tensor[0], tensor.astype(np.float64)):
        with pytest.raises(ModelError, match="could not run"):
            runtime.run(wrong)
    assert len(runtime.run(tensor)) == len(runtime.outputs)
