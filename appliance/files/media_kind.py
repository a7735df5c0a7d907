"""What a file is, by its first bytes; its name is not believed."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

HEAD_BYTES = 1024

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".jpe", ".png", ".webp", ".heic", ".heif", ".gif")
VIDEO_SUFFIXES = (
    *(".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".mkv", ".webm", ".avi", ".mts", ".m2ts", ".ts", ".mpg", ".mpeg"),
    *(".vob", ".wmv", ".asf", ".flv", ".mxf", ".ogv", ".y4m", ".ivf", ".dv"),
)
MEDIA_SUFFIXES = frozenset((*PHOTO_SUFFIXES, *VIDEO_SUFFIXES))
"""Names that promise a photo or a video: such a file in a folder is not passed over in silence."""

STILL_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx", b"avif", b"avis"))
"""ISO media files (ftyp) whose first brand says that they are pictures."""

VIDEO_HEADS = (
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
    b"FLV\x01",
    b"OggS",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF, WMV
    b"\x06\x0e\x2b\x34\x02\x05\x01\x01",  # MXF
    b"\x00\x00\x01\xba",  # MPEG programme stream
    b"\x00\x00\x01\xb3",  # MPEG video
    b"YUV4MPEG2",
    b"DKIF",  # IVF
    b"\x1f\x07\x00",  # DV
)
MOVIE_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp")
TS_PACKET_BYTES, TS_SYNC = (188, 192), 0x47


class Kind(Enum):
    """How a file is to be redacted."""

    PHOTO = "photo"
    VIDEO = "video"
    UNKNOWN = "unknown"


def kind_of(path: Path) -> Kind:
    """What the file holds; an animated GIF is a video; raises OSError when it cannot be read."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith((b"GIF87a", b"GIF89a")):
        return _gif_kind(path)
    if _is_photo(head):
        return Kind.PHOTO
    return Kind.VIDEO if _is_video(head) else Kind.UNKNOWN


def promises_media(path: Path) -> bool:
    """True when the file's name says that it is a photo or a video."""
    return path.suffix.lower() in MEDIA_SUFFIXES


def _is_photo(head: bytes) -> bool:
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return True
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    return head[4:8] == b"ftyp" and head[8:12] in STILL_BRANDS


def _is_video(head: bytes) -> bool:
    if head.startswith(VIDEO_HEADS) or head[4:8] in MOVIE_BOXES:
        return True
    return (head.startswith(b"RIFF") and head[8:12] == b"AVI ") or any(_is_ts(head, size) for size in TS_PACKET_BYTES)


def _is_ts(head: bytes, packet: int) -> bool:
    syncs = head[packet - 188 :: packet]
    return len(syncs) >= 3 and all(byte == TS_SYNC for byte in syncs)


def _gif_kind(path: Path) -> Kind:
    from PIL import Image

    try:
        with Image.open(path, formats=("GIF",)) as image:
            return Kind.VIDEO if getattr(image, "n_frames", 1) > 1 else Kind.PHOTO
    except Exception:  # A damaged GIF: the video reader will say so.
        return Kind.VIDEO
