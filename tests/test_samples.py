"""Samples and figures on the page are of the masks and of the measurement as they are: docs/samples.py makes them."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from appliance import parts

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.fixture(scope="module")
def samples():
    sys.path.insert(0, str(DOCS))
    try:
        spec = importlib.util.spec_from_file_location("samples", DOCS / "samples.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module
    finally:
        sys.path.remove(str(DOCS))


def test_the_figures_are_those_of_the_attack(samples):
    assert json.loads((samples.STATIC.parent / "strengths.json").read_text()) == samples.measured()


@pytest.mark.parametrize("style", parts.names("masks"))
@pytest.mark.parametrize("strength", [1, 3, 5])
def test_the_samples_are_what_the_masks_do_now(samples, style, strength):
    kept = cv2.imread(str(samples.STATIC / f"mask-{style}-{strength}.webp"))
    assert np.abs(kept[:, :, ::-1].astype(int) - samples.sample(style, strength)).mean() < 6
