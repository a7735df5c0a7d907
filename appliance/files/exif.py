"""What a photo's EXIF may still say once faces are covered: nothing that could hold a picture of how they looked."""

from __future__ import annotations

from typing import Any

MAKER_NOTE = 0x927C
DIRECTORIES = {0x8769: "of the exposure", 0x8825: "of the place"}
"""Those that are kept beside the first; the one with the thumbnail is not among them."""

MOST_LENGTH = 256
"""Of a value, in letters, bytes or numbers: a picture is larger."""


def without_pictures(found: bytes) -> bytes | None:
    """The EXIF (beginning with "Exif") with its small plain values only; None when nothing of it can be read."""
    from PIL import Image

    given, kept = Image.Exif(), Image.Exif()
    try:
        given.load(found)
        for tag, value in given.items():
            if tag not in DIRECTORIES and _is_small(value):
                kept[tag] = value
        for directory in DIRECTORIES:
            plain = {tag: value for tag, value in given.get_ifd(directory).items() if _is_plain(tag, value)}
            if plain:
                kept.get_ifd(directory).update(plain)
        return kept.tobytes()
    except Exception:  # Damaged as EXIF often is: then none is kept.
        return None


def _is_plain(tag: int, value: Any) -> bool:
    return tag != MAKER_NOTE and not isinstance(value, dict) and _is_small(value)


def _is_small(value: Any) -> bool:
    return not isinstance(value, (str, bytes, tuple, list)) or len(value) <= MOST_LENGTH
