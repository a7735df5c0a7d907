"""One moment of what was sent and of what came of it, as small pictures to compare."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2

from appliance.core.frames import RgbImage, region_rgb, uint8
from appliance.core.geometry import Rect
from appliance.errors import MofyError
from appliance.files import pictures
from appliance.files.media_kind import Kind
from appliance.files.video_reader import Decoded, VideoReader

LONGEST_PX = 1280
JPEG_QUALITY = 82


def still(path: Path, kind: Kind, index: int) -> bytes:
    """JPEG of a photo, or of a video's picture of this index; raises MofyError."""
    small = _photo(path) if kind is Kind.PHOTO else _picture(path, index)
    done, encoded = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise MofyError("a picture to compare could not be encoded")
    return encoded.tobytes()


def _photo(path: Path) -> RgbImage:
    rgb = pictures.load(path).rgb
    return uint8(cv2.resize(rgb, _small(rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_AREA))


def _picture(path: Path, index: int) -> RgbImage:
    with VideoReader(path) as reader:
        pictured = (item for item in reader if isinstance(item, Decoded))
        decoded = next(itertools.islice(pictured, index, None), None)
        if decoded is None:
            raise MofyError("the video has no such picture")
        frame = decoded.frame
        whole = Rect(0, 0, frame.width, frame.height)
        return region_rgb(frame, whole, _small(frame.width, frame.height))


def _small(width: int, height: int) -> tuple[int, int]:
    """Even, in proportion, and no side longer than LONGEST_PX."""
    share = min(LONGEST_PX / max(width, height), 1.0)
    return max(round(width * share / 2), 1) * 2, max(round(height * share / 2), 1) * 2
