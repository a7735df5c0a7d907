"""The steps of the build, one function a network."""

from __future__ import annotations

import re
from pathlib import Path

import calibration
import fold
import network
import numpy as np
import onnx
import yunet
from ends import with_nhwc_ends
from equalise import equalise
from fetch import fetch, sha256
from qdq import with_pairs
from quantise import Ranges, quantised, quantised_live

YUNET_SIZES = ((640, 384), (320, 192))
YUNET_RANGE = (-6.0, 6.0)
"""Logits beyond this are as good as certain, offsets beyond it (in strides) belong to no face: they may saturate."""
SAMPLES = 60


def build_yunet(source: Path, photos: list[calibration.Image], size: tuple[int, int], models: Path, work: Path) -> None:
    """yunet-<w>x<h> as float and int8, each as .onnx and .tflite, for a size of (width, height)."""
    name = "yunet-{}x{}".format(*size)
    fitted = yunet.fit(fold.fold(onnx.load(source)), *size)
    onnx.save(with_nhwc_ends(fitted), models / f"{name}-float.onnx")
    (models / f"{name}-float.tflite").write_bytes(network.convert(fitted))
    samples = [picture[None].astype(np.float32) for picture in calibration.pictures(photos, *size, SAMPLES)]
    alike = equalise(fitted, network.magnitudes(fitted, samples))
    paired = with_pairs(alike, network.magnitudes(alike, samples), kept=yunet.HEAD_OUTPUTS)
    onnx.save(with_nhwc_ends(paired), models / f"{name}-int8.onnx")
    flat = work / "equalised.tflite"
    flat.write_bytes(network.convert(alike))
    fixed: Ranges = {"input": (0, 255), **{f"stride{stride}": YUNET_RANGE for stride in yunet.STRIDES}}
    (models / f"{name}-int8.tflite").write_bytes(quantised(flat, samples, fixed))


def build_mobilefacenet(source: Path, models: Path) -> None:
    """mobilefacenet-512-float.onnx, -float.tflite and -int8.tflite."""
    original = onnx.load(source)
    onnx.save(with_nhwc_ends(original), models / "mobilefacenet-512-float.onnx")
    plain = models / "mobilefacenet-512-float.tflite"
    plain.write_bytes(network.convert(original))
    (models / "mobilefacenet-512-int8.tflite").write_bytes(quantised_live(plain))


def record(models: Path) -> None:
    """Writes the sha256 of every model into the manifest and prints it."""
    manifest = models / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    for file in sorted([*models.glob("*.onnx"), *models.glob("*.tflite")]):
        digest = sha256(file)
        entry = re.compile(rf'(file = "{re.escape(file.name)}"\nsha256 = ")[0-9a-f]*(")')
        state = "as recorded" if digest in text else "new"
        text = entry.sub(rf"\g<1>{digest}\g<2>", text)
        print(f"{digest}  {file.name}  {file.stat().st_size / 1e6:.2f} MB  {state}")
    manifest.write_text(text, encoding="utf-8")


def build_all(work: Path, models: Path, more_photos: Path | None) -> None:
    """Every model, and its sha256 into the manifest."""
    sources = fetch(work)
    extra = sorted(more_photos.iterdir()) if more_photos else []
    photos = calibration.photos(sorted(sources.values()) + extra)
    for size in YUNET_SIZES:
        build_yunet(sources["face_detection_yunet_2023mar_int8bq.onnx"], photos, size, models, work)
    build_mobilefacenet(sources["fr_feature.onnx"], models)
    record(models)
