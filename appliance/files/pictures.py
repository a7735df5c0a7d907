"""A user's picture file (JPEG, PNG, WebP, HEIC, still GIF), decoded upright into RGB."""

from __future__ import annotations

import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from appliance.core.frames import Plane, RgbImage
from appliance.errors import PhotoError

MOST_PIXELS = 50_000_000
"""Largest picture taken: 150 MB decoded, what a small board can spare."""

MOST_BYTES = 250_000_000
"""Largest file read: more than that many pixels need in any format."""

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")
"""Decoders a file may choose among; no others are let near a user's bytes."""

MOVING = ("PNG", "WEBP", "GIF")
"""Formats in which several frames are an animation; in the others they are spare pictures beside the main one."""

ORIENTATION = 0x0112
EXIF_HEAD = b"Exif\x00\x00"


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture: rgb (h, w, 3) and alpha (h, w) or None, uint8, already upright."""

    rgb: RgbImage
    alpha: Plane | None
    icc_profile: bytes | None
    """The profile the rgb values are meant in, or None for sRGB."""
    exif: bytes | None
    """As found, beginning with "Exif", but for the orientation, which is 1 now."""
    format: str
    """"JPEG", "PNG", "WEBP", "HEIF" or "GIF"."""


def load(path: Path, enough_px: int | None = None) -> Picture:
    """The picture in the file; raises PhotoError (one line) for whatever is no whole, still picture of a sane size.

    enough_px: a long side that suffices; where the format can (JPEG), it is decoded at half, quarter or eighth size.
    """
    try:
        _check_file(path)
        return _decoded(path, enough_px)
    except PhotoError:
        raise
    except OSError as error:
        raise PhotoError(f"{told(path)}: {_os_fault(error)}") from None
    except MemoryError:
        raise PhotoError(f"{told(path)}: needs more memory than there is") from None
    except Exception as error:  # A decoder given hostile bytes raises whatever its author did not foresee.
        raise PhotoError(f"{told(path)}: {_fault(error)}") from None


def told(path: Path) -> str:
    """The file's name as it can stand in a one-line message, whatever characters it holds."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in str(path))


def _decoded(path: Path, enough_px: int | None) -> Picture:
    import warnings

    from PIL import Image, ImageOps

    _know_formats()
    with warnings.catch_warnings():
        # What matters is refused below, by our own limit; decoders' worries are not for the user.
        warnings.simplefilter("ignore")
        with Image.open(path, formats=FORMATS) as image:
            _check(path, image)
            if enough_px is not None and enough_px < max(image.size):
                share = enough_px / max(image.size)
                image.draft(None, (round(image.width * share), round(image.height * share)))
            image.load()
            exif = _exif(image.info.get("exif"))
            profile = image.info.get("icc_profile") or None
            try:
                upright: Image.Image = ImageOps.exif_transpose(image)
            except Exception:  # Damaged EXIF does not make the picture unusable: it is taken as it lies.
                upright = image.copy()
            rgb, alpha = _channels(_eight_bit(upright))
            # Many phones write several pictures into one .jpg; the first is the photo.
            kind = "JPEG" if image.format == "MPO" else str(image.format)
    return Picture(rgb, alpha, profile if _is_rgb_profile(profile) else None, exif, kind)


def _check_file(path: Path) -> None:
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise PhotoError(f"{told(path)}: is a folder; a photo was expected")
    # A pipe or device could make us wait or read for ever.
    if not stat.S_ISREG(found.st_mode):
        raise PhotoError(f"{told(path)}: is not a regular file; a photo was expected")
    if found.st_size > MOST_BYTES:
        mb = f"has {found.st_size / 1e6:.0f} MB; a photo has at most {MOST_BYTES / 1e6:.0f}"
        raise PhotoError(f"{told(path)}: {mb}", "large")


def _know_formats() -> None:
    """Register exactly the decoders named above; Pillow would load them all, or miss one."""
    import pillow_heif
    from PIL import GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    pillow_heif.register_heif_opener()


def _check(path: Path, image: Any) -> None:
    """Refuse by the header alone, before a pixel is decoded."""
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise PhotoError(
            f"{told(path)}: has {width * height / 1e6:.0f} megapixels ({width}x{height}); "
            f"at most {MOST_PIXELS // 1_000_000} are taken, make it smaller first",
            "large",
        )
    if image.format in MOVING and getattr(image, "n_frames", 1) > 1:
        raise PhotoError(f"{told(path)}: is animated ({image.n_frames} frames); a still photo was expected", "moving")


def _eight_bit(image: Any) -> Any:
    """Sixteen-bit grey scaled to eight: Pillow's own conversion would clip it to white."""
    if image.mode.startswith("I"):
        from PIL import Image

        return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8))
    return image


def _channels(image: Any) -> tuple[RgbImage, Plane | None]:
    if "A" in image.getbands() or "transparency" in image.info:
        whole: NDArray[np.uint8] = np.asarray(image.convert("RGBA"))
        return np.ascontiguousarray(whole[:, :, :3]), np.ascontiguousarray(whole[:, :, 3])
    return np.array(image.convert("RGB")), None


def _is_rgb_profile(profile: bytes | None) -> bool:
    """False for profiles of grey or CMYK pictures: they say nothing of the RGB we made of them."""
    return profile is not None and profile[16:20] == b"RGB "


def _exif(found: bytes | None) -> bytes | None:
    """The bytes as found, with the orientation of the first directory set to 1; None when they are not EXIF."""
    if not found:
        return None
    tiff = bytearray(found.removeprefix(EXIF_HEAD))
    order = {b"II": "<", b"MM": ">"}.get(bytes(tiff[:2]))
    if order is None:
        return None
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for entry in range(start + 2, start + 2 + 12 * count, 12):
            if struct.unpack_from(order + "H", tiff, entry) == (ORIENTATION,):
                struct.pack_into(order + "H", tiff, entry + 8, 1)
    except struct.error:
        return None
    return EXIF_HEAD + bytes(tiff)


def _os_fault(error: OSError) -> str:
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "is no picture that MOFY reads (JPEG, PNG, WebP, HEIC), or it is damaged"
    if error.strerror:
        return f"cannot be read ({error.strerror.lower()})"
    return f"is damaged ({_one_line(error)})"


def _fault(error: Exception) -> str:
    from PIL import Image

    if isinstance(error, Image.DecompressionBombError):
        return f"has far more than the {MOST_PIXELS // 1_000_000} megapixels that are taken"
    return f"is damaged ({_one_line(error)})"


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 120 else text[:117] + "..."
