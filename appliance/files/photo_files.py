"""Writing a redacted photo: the format it came in, upright, without what its file said about place and time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from appliance.core.frames import Plane, RgbImage, uint8
from appliance.core.veiling import MaskedFrame
from appliance.errors import InputError
from appliance.files.exif import without_pictures
from appliance.files.pictures import Picture

SUFFIXES = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".heic": "HEIF",
    ".heif": "HEIF",
}
"""Formats written, by the output's name."""

USUAL = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "HEIF": ".heic", "GIF": ".png"}
"""The name that fits each format read; a still GIF becomes a PNG, which loses nothing."""

QUALITY = 95

TO_RGB = np.array(
    [[1.16438, 0.0, 1.59603, -222.921], [1.16438, -0.39176, -0.81297, 135.576], [1.16438, 2.01723, 0.0, -276.836]]
)
"""Limited-range BT.601 (y, u, v, 1) to red, green and blue."""


def to_rgb(masked: MaskedFrame) -> RgbImage:
    """(h, w, 3) RGB of a masked frame with chroma of full size."""
    ycc = cv2.merge((masked.y, _sized(masked.u, masked), _sized(masked.v, masked)))
    return uint8(cv2.transform(ycc, TO_RGB))


def save(path: Path, masked: MaskedFrame, source: Picture, keep_metadata: bool) -> None:
    """Write the masked frame in the format that the path's name says, with the source's transparency and profile.

    Raises InputError for a name of no format, and OSError.
    """
    from PIL import Image

    image = Image.fromarray(to_rgb(masked))
    kind = format_of(path)
    if source.alpha is not None and kind != "JPEG":
        image.putalpha(Image.fromarray(opaque_where_covered(source.alpha, masked)))
    options: dict[str, Any] = {"icc_profile": source.icc_profile} if source.icc_profile else {}
    if keep_metadata and source.exif and (exif := without_pictures(source.exif)):
        options["exif"] = exif
    if kind != "PNG":
        options["quality"] = QUALITY
    if kind == "JPEG":
        options["subsampling"] = 0
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    image.save(path, format=kind, **options)


def format_of(path: Path) -> str:
    """The format a name asks for; raises InputError for a name of none."""
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise InputError(f"{path}: a photo is written as .jpg, .png, .webp or .heic; choose one of these names")
    return kind


def can_write_heif() -> bool:
    """True when this machine's libheif has an encoder."""
    import pillow_heif

    return bool(pillow_heif.libheif_info()["HEIF"])


def opaque_where_covered(alpha: Plane, masked: MaskedFrame) -> Plane:
    """The transparency (h, w) with every covered pixel made opaque: a face must not show in the alpha's shape."""
    opaque: Plane = alpha.copy()
    for rect in masked.covered:
        opaque[rect.y0 : rect.y1, rect.x0 : rect.x1] = 255
    return opaque


def _sized(plane: Plane, masked: MaskedFrame) -> Plane:
    if plane.shape == masked.y.shape:
        return plane
    return uint8(cv2.resize(plane, (masked.width, masked.height), interpolation=cv2.INTER_NEAREST))
