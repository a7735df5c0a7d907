"""TensorRT: built once for a chip and a version, refused in one line; it says what the CPU says."""

from __future__ import annotations

import sys

import cv2
import numpy as np
import pytest

from appliance import assembly, boards, config, model_files
from appliance.errors import ChipError, ModelError
from appliance.files import pictures
from appliance.runtimes import _cuda, _kept, tensorrt, tflite
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
    theirs = tflite.build(path(name.removesuffix("-onnx").replace("int8", "float")))
    (spec,) = ours.inputs
    assert [one.name for one in ours.outputs] == [one.name for one in theirs.outputs]
    picture = np.random.default_rng(1).integers(0, 256, spec.shape).astype(spec.dtype)
    if name.startswith("mobilefacenet"):
        picture = (picture - 127.5) / np.float32(127.5)
    for mine, other in zip(ours.run(picture), theirs.run(picture)):
        off = np.abs(mine - other)
        if "int8" in name:
            assert 0 < off.mean() < 0.1 * np.abs(other).mean()
        else:
            assert off.max() < 1e-2 * max(1.0, np.abs(other).max())


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
    assert all("sm87x8" in file for file in kept)
    monkeypatch.setattr(boards, "board", lambda: "NVIDIA Jetson Orin NX (aarch64)")
    tensorrt.build(path(name))
    assert newer.built == 2


def test_a_damaged_engine_is_built_anew(bench, tmp_path):
    name = "yunet-320x192-float-onnx"
    tensorrt.build(path(name))
    (file,) = (tmp_path / "cache/mofy/engines").iterdir()
    whole = file.read_bytes()
    for damaged in (b"", b"half of it", whole[:-1], whole[:100] + b"\0" + whole[101:]):
        file.write_bytes(damaged)
        assert not tensorrt.is_built(path(name))
        tensorrt.build(path(name))
        assert file.read_bytes() == whole
    assert bench.built == 5


def test_an_engine_that_the_library_refuses_is_built_anew(bench, monkeypatch, tmp_path):
    name = "yunet-320x192-float-onnx"
    tensorrt.build(path(name))
    (file,) = (tmp_path / "cache/mofy/engines").iterdir()
    _kept.write(file, b"an engine of another version")
    tensorrt.build(path(name))
    assert bench.built == 2


@pytest.mark.parametrize(
    ("version", "flags"), [("8.6.2", {"FP16", "INT8"}), ("10.3.0", {"FP16", "INT8"}), ("11.0.0", set())]
)
def test_the_versions_of_jetpack_differ_in_what_must_be_said(monkeypatch, tmp_path, version, flags):
    bench = fitted(monkeypatch, tmp_path, Bench(version))
    tensorrt.build(path("yunet-320x192-float-onnx"))
    assert bench.flags == flags - {"INT8"}
    tensorrt.build(path("yunet-320x192-int8-onnx"))
    assert bench.flags == flags


def test_a_chip_without_int8_finds_faces_in_half_precision(bench):
    bench.fast_int8 = False
    with pytest.raises(ChipError, match=r"yunet-640x384-int8\.onnx: this GPU has no int8"):
        tensorrt.build(path("yunet-640x384-int8-onnx"))
    loaded = config.load(None, {"faces": {"detector": "yunet-640x384-int8-onnx"}})
    assert assembly.detector(loaded).input_size == (640, 384)
    assert bench.flags == {"FP16"}
    assert bench.built == 1


def test_a_chip_with_int8_finds_the_faces_that_the_cpu_finds(bench, photos):
    rgb = cv2.resize(pictures.load(photos / "t1.jpg").rgb, (640, 384), interpolation=cv2.INTER_AREA)
    ours, theirs = (
        assembly.detector(config.load(None, {"faces": {"detector": name}})).detect(rgb)
        for name in ("yunet-640x384-int8-onnx", "yunet-640x384-int8")
    )
    assert bench.flags == {"FP16", "INT8"}
    assert len(ours) == len(theirs) == 6
    for face in ours:
        assert max(face.box.iou(other.box) for other in theirs) > 0.85


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


def test_a_full_disk_only_means_that_the_next_process_builds_again(bench, monkeypatch, tmp_path):
    monkeypatch.setattr(_kept, "UNSAVED", {})
    (tmp_path / "cache").write_text("in the way")
    tensorrt.build(path("yunet-320x192-float-onnx"))
    tensorrt.build(path("yunet-320x192-float-onnx"))
    assert bench.built == 1
    _kept.UNSAVED.clear()
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
