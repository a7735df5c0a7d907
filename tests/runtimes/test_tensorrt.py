"""TensorRT: built once for a chip and a version, refused in one line; it says what the CPU says."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from appliance import model_files
from appliance.errors import ModelError
from appliance.runtimes import _cuda, tensorrt, tflite
from tests.fakes.tensorrt import Bench, FakeCuda, module

ONNX = [model.id for model in model_files.models() if model.runtime == "tensorrt"]


@pytest.fixture
def bench(monkeypatch, tmp_path):
    """A GPU."""
    return fitted(monkeypatch, tmp_path, Bench())


def fitted(monkeypatch, tmp_path, bench):
    monkeypatch.setitem(sys.modules, "tensorrt", module(bench))
    monkeypatch.setattr(_cuda, "Cuda", FakeCuda)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return bench


def path(name):
    return model_files.path(model_files.find(name))


@pytest.mark.parametrize("name", ONNX)
def test_it_says_what_the_cpu_says(bench, name):
    ours = tensorrt.build(path(name))
    theirs = tflite.build(path(name.removesuffix("-onnx")))
    (spec,) = ours.inputs
    assert [one.name for one in ours.outputs] == [one.name for one in theirs.outputs]
    picture = np.random.default_rng(1).integers(0, 256, spec.shape).astype(spec.dtype)
    if name.startswith("mobilefacenet"):
        picture = (picture - 127.5) / np.float32(127.5)
    for mine, other in zip(ours.run(picture), theirs.run(picture)):
        assert np.abs(mine - other).max() < 1e-2 * max(1.0, np.abs(other).max())


def test_an_engine_is_built_once_for_file_version_and_chip(bench, monkeypatch, tmp_path):
    name = "yunet-320x192-float-onnx"
    tensorrt.build(path(name))
    tensorrt.build(path(name))
    assert bench.built == 1
    assert bench.flags == {"FP16"}
    newer = fitted(monkeypatch, tmp_path, Bench("10.4.0"))
    tensorrt.build(path(name))
    assert newer.built == 1
    kept = sorted(file.name for file in (tmp_path / "cache/mofy/engines").iterdir())
    assert len(kept) == 2
    assert all("sm87" in file for file in kept)


def test_a_damaged_engine_is_built_anew(bench, tmp_path):
    name = "yunet-320x192-float-onnx"
    tensorrt.build(path(name))
    (file,) = (tmp_path / "cache/mofy/engines").iterdir()
    file.write_bytes(b"half of it")
    tensorrt.build(path(name))
    assert bench.built == 2


@pytest.mark.parametrize("version", ["8.6.2", "10.3.0", "11.0.0"])
def test_the_versions_of_jetpack_differ_in_what_must_be_said(monkeypatch, tmp_path, version):
    bench = Bench(version)
    bench.weakly_typed = not version.startswith("11")
    fitted(monkeypatch, tmp_path, bench)
    tensorrt.build(path("yunet-320x192-float-onnx"))
    assert bench.flags == ({"FP16"} if bench.weakly_typed else set())


def test_the_outputs_are_the_callers(bench):
    runtime = tensorrt.build(path("yunet-320x192-float-onnx"))
    (spec,) = runtime.inputs
    first = runtime.run(np.zeros(spec.shape, spec.dtype))
    kept = [output.copy() for output in first]
    runtime.run(np.full(spec.shape, 200, spec.dtype))
    assert all((a == b).all() for a, b in zip(first, kept))


def test_a_wrong_tensor_and_a_refusal_are_told(bench):
    runtime = tensorrt.build(path("yunet-320x192-float-onnx"))
    (spec,) = runtime.inputs
    for wrong in (np.zeros(spec.shape, np.float64), np.zeros((1, 2, 3), np.float32)):
        with pytest.raises(ModelError, match="could not run"):
            runtime.run(wrong)
    bench.refuses = True
    with pytest.raises(ModelError, match="refused"):
        runtime.run(np.zeros(spec.shape, spec.dtype))


def test_a_file_that_is_none_and_a_chip_without_memory_are_told(bench, tmp_path):
    (tmp_path / "no.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"no\.onnx: TensorRT cannot read it: Failed"):
        tensorrt.build(tmp_path / "no.onnx")
    bench.refuses = True
    with pytest.raises(ModelError, match="cannot build an engine"):
        tensorrt.build(path("yunet-320x192-float-onnx"))


def test_a_full_disk_only_means_building_again(bench, monkeypatch, tmp_path):
    (tmp_path / "cache").write_text("in the way")
    tensorrt.build(path("yunet-320x192-float-onnx"))
    tensorrt.build(path("yunet-320x192-float-onnx"))
    assert bench.built == 2


def test_without_tensorrt_or_cuda_it_says_who_brings_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorrt", None)
    with pytest.raises(ModelError, match="JetPack brings it"):
        tensorrt.build(path("yunet-320x192-float-onnx"))
    monkeypatch.setattr(_cuda.ctypes, "CDLL", _missing)
    with pytest.raises(ModelError, match="libcudart"):
        _cuda.Cuda()


def _missing(name):
    raise OSError(name)
