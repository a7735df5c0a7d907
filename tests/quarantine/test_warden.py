"""Files of every kind, whole and broken, through real cells: the asker always gets an answer, in time."""

import io
import os
import random
import struct
import time
import zlib

import psutil
import pytest
from PIL import Image

from appliance import config, model_files
from appliance.quarantine import Warden, warden
from tests.waiting import slowness


@pytest.fixture(scope="module")
def guard():
    made = Warden(model_files.embedder_id(config.load()))
    yield made
    made.close()


def opened(content: bytes):
    """The bytes as an upload comes: a file without a name."""
    file = os.fdopen(os.memfd_create("upload"), "w+b")
    file.write(content)
    file.flush()
    return file


def looked(guard, content: bytes, clip: bool = False):
    with opened(content) as file:
        return guard.look(file, clip)


@pytest.fixture(scope="module")
def face(photos):
    """One person's photo."""
    with Image.open(photos / "obama.jpg") as picture:
        return picture.convert("RGB")


def encoded(picture, kind: str, **options) -> bytes:
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_format_shows_who_it_is_of(guard, face, kind):
    look = looked(guard, encoded(face, kind))
    assert (look.kind, look.code, len(look.found)) == ("photo", "good", 1)
    assert look.preview.startswith(b"\xff\xd8")
    assert look.found[0].template.crop.std() > 10


def test_a_photo_that_lies_on_its_side_is_turned_up(guard, face):
    exif = Image.Exif()
    exif[0x0112] = 6
    look = looked(guard, encoded(face.rotate(90, expand=True), "JPEG", exif=exif))
    assert look.usable


def test_twelve_and_fifty_megapixels(guard, face):
    for size in ((4000, 3000), (8600, 5800)):
        wide = Image.new("RGB", size, (128, 128, 128))
        wide.paste(face.resize((size[1], size[1])), (size[0] // 4, 0))
        assert looked(guard, encoded(wide, "JPEG")).usable, size
    assert looked(guard, encoded(Image.new("RGB", (8600, 6000)), "PNG")).code == "large"


def test_two_faces_are_told_apart_from_the_left(guard, face):
    two = Image.new("RGB", (face.width * 2, face.height))
    two.paste(face, (0, 0))
    two.paste(face.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (face.width, 0))
    look = looked(guard, encoded(two, "JPEG"))
    assert look.code == "many"
    assert [one.code for one in look.found] == ["good", "good"]
    assert look.choosing(1).usable


def test_a_dark_photo_and_one_of_nobody(guard, face):
    assert looked(guard, encoded(Image.new("RGB", (640, 480), (90, 120, 60)), "JPEG")).code == "none"
    dark = face.point(lambda value: value * 0.12)
    assert looked(guard, encoded(dark, "PNG")).code in ("dark", "flat", "none")


def png_bomb(side: int = 60_000) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8\xff", b"MZ" * 500, b"<svg onload=alert(1)>", b"%PDF-1.7", b"\x00" * 4096, png_bomb(),
     b"\x00\x00\x00\x20ftypheic" + b"\xff" * 200, b"\x00\x00\x00\x20ftypmp42" + b"\xff" * 2000,
     b"GIF89a" + b"\xff" * 90,
     b"RIFF\xff\xff\xff\xffWEBPVP8L" + b"\x00" * 64, b"#EXTM3U\nfile:///etc/passwd\n"],
)  # fmt: skip
def test_what_is_no_photo_is_told(guard, content, clip):
    look = looked(guard, content, clip)
    assert look.code in ("unreadable", "large", "moving")
    assert look.found == ()
    assert "\n" not in look.words
    assert "/proc" not in look.words


def test_broken_photos_break_nothing(guard, face):
    """A fuzz of every format: cut off, and with bytes changed."""
    chance = random.Random(5)
    small = face.resize((320, 320))
    for kind in ("JPEG", "PNG", "WEBP", "HEIF"):
        whole = encoded(small, kind)
        for k in range(12):
            broken = bytearray(whole[: chance.randrange(10, len(whole))] if k % 3 == 0 else whole)
            for _ in range(chance.randrange(1, 30)):
                broken[chance.randrange(min(len(broken), 2000))] = chance.randrange(256)
            looked(guard, bytes(broken), clip=k % 4 == 0)
    assert looked(guard, encoded(face, "JPEG")).usable


def test_a_polyglot_is_what_its_first_bytes_say(guard, face):
    assert looked(guard, encoded(face, "JPEG") + b"PK\x03\x04<script>alert(1)</script>").usable
    assert not looked(guard, b"PK\x03\x04" + encoded(face, "JPEG")).usable


def test_a_cell_that_hangs_is_ended(guard, monkeypatch, face):
    monkeypatch.setattr(warden, "LIMIT_S", {"photo": 0, "clip": 0})
    began = time.monotonic()
    assert looked(guard, encoded(face, "JPEG")).code in ("slow", "unreadable")
    assert time.monotonic() - began < 10 * slowness()
    monkeypatch.undo()
    assert looked(guard, encoded(face, "JPEG")).usable


def test_a_keeper_that_dies_is_replaced(guard, face):
    assert looked(guard, encoded(face, "JPEG")).usable
    psutil.Process(guard._keeper.pid).kill()
    assert looked(guard, encoded(face, "JPEG")).usable


def test_nothing_is_left_behind(face):
    made = Warden(model_files.embedder_id(config.load()))
    assert looked(made, encoded(face, "JPEG")).usable
    keeper = psutil.Process(made._keeper.pid)
    made.close()
    assert not keeper.is_running() or keeper.status() == psutil.STATUS_ZOMBIE
