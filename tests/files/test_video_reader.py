"""What is no whole video is refused in one line, however it is broken, and no other file is opened for it."""

from __future__ import annotations

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from appliance.errors import InputError
from appliance.files.video_reader import VideoReader
from tests.files.test_video_files import through
from tests.make_clips import Clip, make, read


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.97])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_a_file_that_was_cut_off_is_refused(tmp_path, suffix, share):
    codec, base = ("mpeg4", Fraction(1, 25)) if suffix == ".avi" else ("libx264", Fraction(1, 1000))
    source = make(tmp_path / f"in{suffix}", Clip(size=(320, 240), frames=200, codec=codec, time_base=base))
    whole = source.read_bytes()
    if suffix == ".mp4":
        whole = _index_first(whole)
        source.write_bytes(whole)
        assert len(read(source).times) == 200
    source.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match=r"is cut off|is damaged|no video"), VideoReader(source) as reader:
        list(reader)


def _index_first(data: bytes) -> bytes:
    """The MP4 with its index before the pictures, as cameras and web sites write it."""
    boxes, at = [], 0
    while at < len(data):
        size = struct.unpack_from(">I", data, at)[0]
        boxes.append((data[at + 4 : at + 8], data[at : at + size]))
        at += size
    index = bytearray(next(box for kind, box in boxes if kind == b"moov"))
    before = sum(len(box) for kind, box in boxes if kind not in (b"moov", b"mdat"))
    old = next(data.index(box) for kind, box in boxes if kind == b"mdat")
    new = before + len(index)
    at = index.index(b"stco") + 8
    (count,) = struct.unpack_from(">I", index, at)
    for entry in range(at + 4, at + 4 + 4 * count, 4):
        struct.pack_into(">I", index, entry, struct.unpack_from(">I", index, entry)[0] - old + new)
    others = b"".join(box for kind, box in boxes if kind not in (b"moov", b"mdat"))
    return others + bytes(index) + b"".join(box for kind, box in boxes if kind == b"mdat")


def test_pictures_that_are_missing_between_others_are_noticed(tmp_path):
    """The index of an MP4 says that a picture lasts longer than it does: one was lost."""
    source = make(tmp_path / "in.mp4", Clip(frames=50, options={"bf": "0"}))
    with VideoReader(source) as reader:
        assert len(list(reader)) == 50
        completeness = reader._completeness
        assert completeness.fault() is None
        completeness._expected += 2
        assert completeness.fault() == "is damaged: 2 of 52 pictures cannot be decoded"
        completeness._expected -= 2
        completeness._gaps = 1
        assert completeness.fault() == "is damaged: pictures are missing between others"


def test_a_picture_that_the_decoder_leaves_out_is_noticed(tmp_path):
    """HEVC decoders pass over a picture whose head is damaged without a word."""
    if "libx265" not in av.codecs_available:
        pytest.skip("PyAV here has no libx265 encoder")
    options = {"x265-params": "log-level=none:bframes=0:keyint=100"}
    source = make(tmp_path / "in.mp4", Clip((96, 80), 20, "libx265", options=options))
    data = bytearray(source.read_bytes())
    with av.open(str(source)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][9]
        at = data.index(bytes(packet))
    data[at + 4] = 0x7E  # a NAL unit of a reserved type
    source.write_bytes(data)
    assert len(read(source).times) < 20
    with pytest.raises(InputError, match="is damaged"), VideoReader(source) as reader:
        list(reader)


def test_damage_in_the_middle_is_refused(tmp_path):
    source = make(tmp_path / "in.mp4", Clip(size=(320, 240), frames=100))
    data = bytearray(source.read_bytes())
    middle = data.index(b"mdat") + (data.index(b"moov") - data.index(b"mdat")) // 2
    data[middle : middle + 400] = bytes(range(200)) * 2
    source.write_bytes(data)
    with pytest.raises(InputError, match="is damaged"), VideoReader(source) as reader:
        list(reader)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x00\x00\x00\x18ftypisom" + b"\x00" * 400, b"\x1a\x45\xdf\xa3" * 99]
)
def test_what_is_no_video_is_told_in_one_line(tmp_path, content):
    path = tmp_path / "in.mp4"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"^[^\n]*in\.mp4[^\n]*$"):
        VideoReader(path)


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "in.m4a"
    with av.open(str(path), "w") as out:
        track = out.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        frame.sample_rate = 48000
        out.mux(track.encode(frame))
        out.mux(track.encode(None))
    with pytest.raises(InputError, match="holds no video"):
        VideoReader(path)


def test_a_playlist_is_not_followed(tmp_path):
    make(tmp_path / "secret.mp4")
    (tmp_path / "in.mp4").write_text("ffconcat version 1.0\nfile secret.mp4\n")
    (tmp_path / "in2.mp4").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n")
    for name in ("in.mp4", "in2.mp4"):
        with pytest.raises(InputError):
            VideoReader(tmp_path / name)


def test_names_that_look_like_addresses_are_files(tmp_path):
    source = make(tmp_path / "plain.mp4", Clip(frames=3)).rename(tmp_path / "http:b %d -y.mp4")
    assert len(through(source, tmp_path / "pipe:1.mp4").times) == 3
