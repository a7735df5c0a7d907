"""Aligned face crops of photos, with the product's own detector and alignment."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from calibration import Image

from appliance.core.alignment import CROP_PX, TEMPLATE, similarity
from appliance.faces import yunet
from appliance.model_files import find
from appliance.runtimes import tflite

DETECTOR = "yunet-640x384-float"


def aligned(photos: list[Image], models: Path) -> list[Image]:
    """(112, 112, 3) crops of the sure faces in the photos, found by the detector in `models`."""
    model = find(DETECTOR)
    detector = yunet.build(model, tflite.build(models / model.file), threshold=0.7)
    return [crop for photo in photos for crop in _faces(photo, detector)]


def _faces(photo: Image, detector: yunet.YuNet) -> list[Image]:
    width, height = detector.input_size
    scale = min(width / photo.shape[1], height / photo.shape[0])
    size = (round(photo.shape[1] * scale), round(photo.shape[0] * scale))
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
    found = [face.landmarks / scale for face in detector.detect(canvas) if face.landmarks is not None]
    return [
        np.asarray(cv2.warpAffine(photo, similarity(landmarks, TEMPLATE), (CROP_PX, CROP_PX)), np.uint8)
        for landmarks in found
    ]
