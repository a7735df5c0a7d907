"""Between a decoder's pictures and ours: 8-bit planes that may be written to, upright."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from appliance.core.frames import Plane, uint8

OURS = {"yuv420p": "yuv420p", "yuvj420p": "yuv420p", "yuv444p": "yuv444p", "yuvj444p": "yuv444p"}
"""Formats whose planes are taken as they lie, and what they are called without their range."""

FULL_RANGE = 2
"""AVCOL_RANGE_JPEG."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """How stored pixels must be turned to stand upright: transposed first, then mirrored."""

    transposed: bool = False
    mirrored_x: bool = False
    mirrored_y: bool = False

    def upright(self, plane: Plane) -> Plane:
        """The plane turned; the very plane itself when there is nothing to turn."""
        if self.transposed:
            plane = uint8(cv2.transpose(plane))
        if self.mirrored_x or self.mirrored_y:
            axis = -1 if self.mirrored_x and self.mirrored_y else int(self.mirrored_x)
            plane = uint8(cv2.flip(plane, axis))
        return plane


def orientation_of(picture: Any) -> Orientation:
    """The nearest of the eight orientations to the display matrix of an av.VideoFrame."""
    from av.sidedata.sidedata import Type

    matrix = picture.side_data.get(Type.DISPLAYMATRIX)
    if matrix is None:
        return Orientation()
    # (x, y) of the stored picture is shown at (a x + c y, b x + d y), in 16.16 fixed point (libavutil/display.h).
    a, b, _, c, d = (int(value) for value in np.frombuffer(matrix, "<i4")[:5])
    if abs(a) >= abs(b):
        return Orientation(False, a < 0, d < 0)
    return Orientation(True, c < 0, b < 0)


def working_format(picture: Any) -> str:
    """ "yuv420p" or "yuv444p" for an av.VideoFrame: what every player shows unless the picture needs more.

    An odd size cannot be written with halved chroma, colours of 4:4:4 video shall stay sharp, and 4:2:2 fields would
    mix if chroma rows were averaged.
    """
    name = picture.format.name
    if picture.width % 2 or picture.height % 2:
        return "yuv444p"
    if name.startswith(("yuv444", "yuvj444", "yuva444", "gbr")):
        return "yuv444p"
    if picture.interlaced_frame and not name.startswith(("yuv420", "yuvj420", "yuva420", "nv12", "nv21", "p010")):
        return "yuv444p"
    return "yuv420p"


def planes_of(picture: Any, pixel_format: str, size: tuple[int, int], orientation: Orientation) -> tuple[Plane, ...]:
    """y, u and v of an av.VideoFrame in the given format and stored size, writable, upright.

    A picture of another shape (some films change theirs) keeps its proportions, on black: squashed faces are not found.
    A decoder goes on reading pictures it has handed out: those it still holds are copied, the others used as they are.
    """
    own = (picture.width, picture.height)
    as_is = OURS.get(picture.format.name) == pixel_format and own == size
    span = FULL_RANGE if is_full_range(picture) else None
    # Some decoders store pictures bottom up, with negative line sizes.
    if as_is and all(plane.line_size > 0 for plane in picture.planes):
        picture.make_writable()
    else:
        picture = picture.reformat(*fitted(own, size), pixel_format, src_color_range=span, dst_color_range=span)
    planes = tuple(array_of(plane) for plane in picture.planes[:3])
    if (picture.width, picture.height) != size:
        planes = _on_black(planes, size, black=0 if span else 16)
    return tuple(orientation.upright(plane) for plane in planes)


def fitted(own: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """The largest (width, height) of these proportions within the size: even where it is smaller."""
    if own == size:
        return size
    share = min(size[0] / own[0], size[1] / own[1])
    # Whoever is as good as of that shape fills it.
    width, height = (
        whole if whole - side * share < 2 else max(round(side * share / 2), 1) * 2 for side, whole in zip(own, size)
    )
    return width, height


def _on_black(planes: tuple[Plane, ...], size: tuple[int, int], black: int) -> tuple[Plane, ...]:
    """The planes in the middle of larger ones, black elsewhere."""
    height, width = planes[0].shape
    left, top = (size[0] - width) // 4 * 2, (size[1] - height) // 4 * 2
    whole = []
    for plane, value in zip(planes, (black, 128, 128)):
        step = 1 if plane.shape == planes[0].shape else 2
        larger = np.full((-(-size[1] // step), -(-size[0] // step)), value, np.uint8)
        larger[top // step :, left // step :][: plane.shape[0], : plane.shape[1]] = plane
        whole.append(larger)
    return tuple(whole)


def is_full_range(picture: Any) -> bool:
    """True when the av.VideoFrame's black is 0 rather than 16."""
    return "yuvj" in picture.format.name or int(picture.color_range) == FULL_RANGE


def array_of(plane: Any) -> Plane:
    """The pixels of an av video plane of bytes, writable in place."""
    rows: Plane = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
    assert rows.flags.writeable
    return rows
