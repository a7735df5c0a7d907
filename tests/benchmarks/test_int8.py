"""What the comparison of int8 and float goes by."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from appliance.core.frames import from_rgb
from appliance.core.geometry import Box
from tests.benchmarks.detection.counting import Labelled, Tally
from tests.benchmarks.detection.sets import Scene
from tests.benchmarks.int8.__main__ import fitted, large
from tests.benchmarks.int8.onnx_file import OnnxFile


def test_a_picture_lies_in_the_inputs_corner_and_its_labels_with_it():
    grey = from_rgb(np.full((721, 1281, 3), 200, np.uint8))
    scene = Scene(grey, (Labelled(Box(640, 360, 1280, 720)),), ("",))
    picture, (label,) = fitted(scene, (320, 192))
    assert picture.shape == (192, 320, 3)
    assert (picture[:180] > 100).all()
    assert not picture[180:].any()
    assert label.box == Box(160, 90, 320, 180)


def test_the_smallest_faces_do_not_count_as_all():
    assert large(Tally(there=[9, 2, 0, 1, 1], found=[0, 1, 0, 1, 1])) == 0.75


def test_without_onnx_runtime_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SystemExit, match="pip install onnxruntime"):
        OnnxFile(tmp_path / "any.onnx")
