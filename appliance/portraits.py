"""One photo of one person: the face chosen, judged and cut out, or refused with the reason.

The limits below were set so that sensible photos pass: of 31 web photos of ten people all but one or two in profile,
and of 196 tightly cut 160 px faces all but the profiles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.alignment import crop
from appliance.core.faces import Face
from appliance.core.frames import RgbImage, from_rgb, uint8
from appliance.core.geometry import Rect
from appliance.core.identity import unit
from appliance.core.quality import Quality, measure
from appliance.errors import PhotoError
from appliance.faces import Detector, Embedder
from appliance.files.pictures import Picture
from appliance.finding import ALL_TILES, TilingFinder

SEARCH_PX = 1600
"""Long side of the picture faces are searched in: a face that fills 50 megapixels is too large for the detector."""

LEAST_SIDE_PX = 48
"""A picture smaller than this cannot hold a face of LEAST_EYES_PX."""

PAD_SHARE = 0.3
"""Border added when nothing is found: the detector misses faces that fill the picture."""

SURE_SCORE = 0.7
"""Detector score of what certainly is a face; half hidden ones in the background lie below."""

WEAK_SCORE = 0.5
"""Taken when nothing surer is there: a face filling the picture or with dark glasses."""

CLEARLY_LARGER = 2.5
"""Ratio of areas from which the larger of two faces is plainly who the photo is of."""

LEAST_EYES_PX = 24.0
"""The crop sets the eyes 35 apart: below two thirds of that, detail is missing that the camera will see."""

LEAST_SHARPNESS = 25.0
"""Laplacian variance: the softest good photo measured 62, faces out of focus in the background 4 to 40."""

SIDE_TURN = 0.35
"""A turn from which a photo tells how the person looks from the side."""

MOST_TURN = 0.9
"""Beyond it one eye is hidden and the crop shows an ear; at 0.85 a side view still agreed (0.64) with the others."""

LIGHT_RANGE = (30.0, 235.0)
"""Mean luma: darker or lighter, and the face is a silhouette or burnt out (good photos measured 77 to 199)."""

LEAST_CONTRAST = 10.0
"""Standard deviation of luma: the flattest good photo measured 19."""

AROUND = 1.0
"""How far (in face sizes) around the face pixels are taken for the crop."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A face fit to enrol."""

    crop: RgbImage
    """(112, 112, 3), upright."""
    quality: Quality


def portrait(picture: Picture, detector: Detector, choice: int | None = None) -> Portrait:
    """The face the photo is of, or the choice-th (from 1) from the left; raises PhotoError with the reason."""
    rgb = opaque(picture)
    face = chosen(find(rgb, detector), choice)
    assert face.landmarks is not None, "find returns faces with landmarks"
    cut, quality = cut_out(rgb, face)
    if reason := fault(quality):
        raise PhotoError(reason, weakness(quality) or "unusable")
    return Portrait(cut, quality)


def find(rgb: RgbImage, detector: Detector) -> list[Face]:
    """Every face of the picture in its own pixels, from left to right."""
    height, width = rgb.shape[:2]
    if min(height, width) < LEAST_SIDE_PX:
        pixels = f"{width}x{height} pixels"
        raise PhotoError(f"is too small ({pixels}); at least {LEAST_SIDE_PX} each way are needed", "small")
    scale = min(SEARCH_PX / max(height, width), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = uint8(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)) if scale < 1 else rgb
    found = _surer(_search(small, detector), SURE_SCORE)
    if not found:
        padded = _search_padded(small, detector)
        found = _surer(padded, SURE_SCORE) or _surer(padded, WEAK_SCORE)
    back = (width / size[0], height / size[1])
    return sorted((face.placed(*back, 0, 0) for face in found), key=lambda face: face.box.centre[0])


def chosen(faces: Sequence[Face], choice: int | None) -> Face:
    """The face meant, of those from left to right; raises PhotoError when that is not plain."""
    if not faces:
        raise PhotoError("no face was found", "none")
    if choice is not None:
        if not 1 <= choice <= len(faces):
            raise PhotoError(f"has {_count(len(faces))}; there is no face {choice} from the left", "many")
        return faces[choice - 1]
    largest, *rest = sorted(faces, key=lambda face: face.box.area, reverse=True)
    if rest and largest.box.area < CLEARLY_LARGER * rest[0].box.area:
        raise PhotoError(
            f"has {_count(len(faces))} and none is clearly the largest; "
            f"choose with --face 1 (leftmost) to --face {len(faces)} (rightmost)",
            "many",
        )
    return largest


def fault(quality: Quality) -> str | None:
    """Why a face of this quality cannot enrol anybody, or None."""
    apart = f"the eyes are {quality.eyes_px:.0f} pixels apart"
    words = {
        "small": f"the face is too small: {apart}, at least {LEAST_EYES_PX:.0f} are needed",
        "turned": "the face is turned too far to the side",
        "dark": "the face is too dark",
        "bright": "the face is too bright",
        "flat": "the face has too little contrast",
        "blurred": "the face is too blurred",
    }
    return words.get(weakness(quality) or "")


def weakness(quality: Quality) -> str | None:
    """The same in one fixed word."""
    if quality.eyes_px < LEAST_EYES_PX:
        return "small"
    if quality.turn > MOST_TURN:
        return "turned"
    if quality.light < LIGHT_RANGE[0]:
        return "dark"
    if quality.light > LIGHT_RANGE[1]:
        return "bright"
    if quality.contrast < LEAST_CONTRAST:
        return "flat"
    return "blurred" if quality.sharpness < LEAST_SHARPNESS else None


def embedded(embedder: Embedder, crops: Sequence[RgbImage]) -> NDArray[np.float32]:
    """(n, d) of (112, 112, 3) crops, each averaged with its mirror image's: a face has no favourite side."""
    rows = [embedder.embed(np.stack([crop, crop[:, ::-1]])).mean(axis=0) for crop in crops]
    return np.stack([unit(row) for row in rows])


def _search(rgb: RgbImage, detector: Detector) -> list[Face]:
    found = TilingFinder(detector, ALL_TILES, ALL_TILES).find(from_rgb(rgb, full_chroma=True))
    return [face for face in found if face.landmarks is not None]


def _search_padded(rgb: RgbImage, detector: Detector) -> list[Face]:
    pad = round(PAD_SHARE * max(rgb.shape[:2]))
    padded = uint8(cv2.copyMakeBorder(rgb, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=(128, 128, 128)))
    return [face.placed(1, 1, -pad, -pad) for face in _search(padded, detector)]


def _surer(faces: Sequence[Face], score: float) -> list[Face]:
    return [face for face in faces if face.score >= score]


def cut_out(rgb: RgbImage, face: Face) -> tuple[RgbImage, Quality]:
    """Crop and quality of a face with landmarks, from the picture's own pixels.

    Only those around the face are converted, for the picture may be huge.
    """
    assert face.landmarks is not None
    height, width = rgb.shape[:2]
    reach = AROUND * max(face.box.width, face.box.height)
    near: Rect = face.box.grown(reach, reach).pixels(width, height)
    part = np.ascontiguousarray(rgb[near.y0 : near.y1, near.x0 : near.x1])
    landmarks = face.landmarks - np.array([near.x0, near.y0], np.float32)
    cut = crop(from_rgb(part, full_chroma=True), landmarks)
    return cut, measure(cut, landmarks)


def opaque(picture: Picture) -> RgbImage:
    """The picture on grey: what lies under transparent pixels is not meant to be seen."""
    if picture.alpha is None or int(np.min(picture.alpha)) == 255:
        return picture.rgb
    share = picture.alpha.astype(np.float32)[:, :, None] / 255
    return np.asarray((picture.rgb * share + 128 * (1 - share)).round(), np.uint8)


def _count(faces: int) -> str:
    return "one face" if faces == 1 else f"{faces} faces"
