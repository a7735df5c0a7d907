"""The picture that travels: three planes of YCbCr. RGB appears only as small pieces for the networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from appliance.core.geometry import Rect

Plane = NDArray[np.uint8]
"""(rows, columns) uint8, strides allowed."""

RgbImage = NDArray[np.uint8]
"""(h, w, 3) uint8, red first."""


def uint8(image: Any) -> NDArray[np.uint8]:
    """What OpenCV returned for bytes is bytes; its type stubs cannot say so."""
    assert image.dtype == np.uint8
    return image  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A raw picture: y (H, W), u and v halved upwards (I420) or full size (4:4:4), uint8 limited range, writable."""

    y: Plane
    u: Plane
    v: Plane
    index: int
    captured_at: float
    """Seconds: of time.monotonic() for a live source, of the film for a file."""
    cut: bool = False
    """True when this is the first picture of a shot, or after another one's."""
    shot: int = 0
    """Index of the picture that its shot began with."""

    @property
    def width(self) -> int:
        """Columns of luma."""
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        """Rows of luma."""
        return int(self.y.shape[0])

    @property
    def chroma_step(self) -> int:
        """Luma pixels per chroma pixel on each axis: 2 for I420, 1 for 4:4:4."""
        return 1 if self.u.shape == self.y.shape and self.width > 1 else 2


def blank(width: int, height: int, index: int = 0, captured_at: float = 0.0) -> Frame:
    """A black I420 frame of its own memory."""
    half = ((height + 1) // 2, (width + 1) // 2)
    return Frame(
        np.full((height, width), 16, np.uint8),
        np.full(half, 128, np.uint8),
        np.full(half, 128, np.uint8),
        index,
        captured_at,
    )


def from_i420(buffer: NDArray[np.uint8], width: int, height: int, index: int, captured_at: float) -> Frame:
    """Frame over a packed I420 buffer of one dimension (no copy); raises ValueError when it is too short."""
    half_w, half_h = (width + 1) // 2, (height + 1) // 2
    luma, chroma = width * height, half_w * half_h
    if buffer.size < luma + 2 * chroma:
        raise ValueError(f"an I420 picture of {width}x{height} needs {luma + 2 * chroma} bytes, got {buffer.size}")
    return Frame(
        buffer[:luma].reshape(height, width),
        buffer[luma : luma + chroma].reshape(half_h, half_w),
        buffer[luma + chroma : luma + 2 * chroma].reshape(half_h, half_w),
        index,
        captured_at,
    )


def from_rgb(rgb: RgbImage, index: int = 0, captured_at: float = 0.0, *, full_chroma: bool = False) -> Frame:
    """Frame from a picture of reds, greens and blues; chroma is kept whole when asked (photos)."""
    ycc = uint8(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb))
    y, v, u = (np.ascontiguousarray(ycc[:, :, k]) for k in range(3))
    if not full_chroma:
        half = ((rgb.shape[1] + 1) // 2, (rgb.shape[0] + 1) // 2)
        u, v = (uint8(cv2.resize(plane, half, interpolation=cv2.INTER_AREA)) for plane in (u, v))
    y, u, v = _limited(y, 219 / 255, 16), _limited(u, 224 / 255, 15.5), _limited(v, 224 / 255, 15.5)
    return Frame(y, u, v, index, captured_at)


def _limited(plane: Plane, gain: float, offset: float) -> Plane:
    return uint8(cv2.convertScaleAbs(plane, alpha=gain, beta=offset))


def region_rgb(
    frame: Frame, rect: Rect, size: tuple[int, int], canvas: tuple[int, int] | None = None, *, by_halves: bool = False
) -> RgbImage:
    """The rectangle of the frame as RGB of size (w, h), black on the right and below up to the canvas (w, h).

    The rectangle must lie inside the frame and begin on even pixels; sizes must be even. Planes shrink first:
    colour comes last and small. by_halves: what is much larger is halved first, which is quicker and nearly as exact.
    """
    step = frame.chroma_step
    rows = slice(rect.y0 // step, -(-rect.y1 // step))
    columns = slice(rect.x0 // step, -(-rect.x1 // step))
    width, height = size
    packed = _black_i420(*(canvas or size), full=canvas is None or canvas == size)
    for plane, target in zip(
        (frame.y[rect.y0 : rect.y1, rect.x0 : rect.x1], frame.u[rows, columns], frame.v[rows, columns]), packed.planes
    ):
        share = 1 if target is packed.planes[0] else 2
        small = target[: height // share, : width // share]
        _shrink(_halved(plane, 4 * small.shape[1]) if by_halves else plane, small)
    return uint8(cv2.cvtColor(packed.whole, cv2.COLOR_YUV2RGB_I420))


def rgb_of(y: Plane, u: Plane, v: Plane) -> RgbImage:
    """Planes of an even size, chroma halved, as RGB (h, w, 3)."""
    packed = _black_i420(y.shape[1], y.shape[0], full=True)
    for plane, target in zip((y, u, v), packed.planes):
        target[:] = plane
    return uint8(cv2.cvtColor(packed.whole, cv2.COLOR_YUV2RGB_I420))


@dataclass(frozen=True, slots=True, eq=False)
class _PackedI420:
    whole: Plane
    planes: tuple[Plane, Plane, Plane]


def _black_i420(width: int, height: int, full: bool = False) -> _PackedI420:
    """full: every pixel will be overwritten, so none needs to be black."""
    whole = np.empty((height * 3 // 2, width), np.uint8)
    if not full:
        whole[:height] = 16
        whole[height:] = 128
    flat = whole.reshape(-1)
    luma, chroma = width * height, width * height // 4
    half = (height // 2, width // 2)
    planes = (
        whole[:height],
        flat[luma : luma + chroma].reshape(half),
        flat[luma + chroma :].reshape(half),
    )
    return _PackedI420(whole, planes)


def _shrink(plane: Plane, target: Plane) -> None:
    # Area averaging is exact and fast at whole ratios, and four times slower between them; linear is good to 2:1.
    ratio = plane.shape[1] / target.shape[1]
    area = ratio > 2 or ratio.is_integer()
    size = (target.shape[1], target.shape[0])
    cv2.resize(plane, size, target, interpolation=cv2.INTER_AREA if area else cv2.INTER_LINEAR)


def _halved(plane: Plane, columns: int) -> Plane:
    """The plane halved until it has no more than so many columns, or an odd side."""
    while plane.shape[1] > columns and plane.shape[0] % 2 == plane.shape[1] % 2 == 0:
        half = (plane.shape[1] // 2, plane.shape[0] // 2)
        plane = uint8(cv2.resize(plane, half, interpolation=cv2.INTER_AREA))
    return plane
