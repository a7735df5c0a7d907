"""What goes through the reader and the writer: everything but the covered pixels stays as it was."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from appliance.core.veiling import MaskedFrame, veil
from appliance.errors import InputError, SinkError
from appliance.files.video_reader import Decoded, VideoReader
from appliance.files.video_writer import Encoding, VideoWriter, can_hold
from appliance.masks import MaskOptions, solid
from tests.make_clips import Clip, Seen, Sound, make, pattern, read, turned

MASK = solid.build(MaskOptions())
FINE = Encoding(quality=10, preset="ultrafast")


def through(source: Path, target: Path, encoding: Encoding = FINE) -> Seen:
    """Read and write with nothing covered."""
    with VideoReader(source) as reader:
        writer = VideoWriter(target, reader.shape, reader.sounds, encoding)
        for item in reader:
            if isinstance(item, Decoded):
                writer.write(veil(item.frame, [], MASK), item.pts, item.duration)
            else:
                writer.sound(item)
        writer.close()
    return read(target)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


def assert_same_film(before: Seen, after: Seen, most: float = 5.0) -> None:
    assert after.times == before.times
    assert after.size == before.size
    assert after.aspect == before.aspect
    assert after.sounds == before.sounds
    for number, (one, other) in enumerate(zip(before.pictures, after.pictures)):
        assert difference(one, other) < most, f"frame {number}"


def test_a_plain_clip_keeps_count_times_size_pictures_and_sound(tmp_path):
    source = make(tmp_path / "in.mp4", Clip(frames=60, sounds=[Sound(seconds=2.4)]))
    after = through(source, tmp_path / "out.mp4")
    assert len(after.times) == 60
    assert after.codec == "h264"
    assert after.time_base == Fraction(1, 12800)
    assert_same_film(read(source), after)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p"])
@pytest.mark.parametrize(("second", "inside"), [((48, 64), (30, 0, 36, 48)), ((128, 32), (0, 12, 96, 24))])
def test_pictures_of_another_shape_keep_their_proportions_and_begin_a_shot(tmp_path, second, inside, pixel_format):
    grey = [np.full((second[1], second[0], 3), 200, np.uint8)] * 3
    before = make(tmp_path / "a.h264", Clip(size=(96, 48), frames=3, pixel_format=pixel_format))
    after = make(tmp_path / "b.h264", Clip(size=second, pictures=grey, frames=3, pixel_format=pixel_format))
    source = tmp_path / "in.h264"
    source.write_bytes(before.read_bytes() + after.read_bytes())
    with VideoReader(source) as reader:
        frames = [item.frame for item in reader if isinstance(item, Decoded)]
    assert [frame.cut for frame in frames] == [True, False, False, True, False, False]
    left, top, width, height = inside
    for frame in frames[3:]:
        bright = np.argwhere(frame.y > 100)
        assert frame.y.shape == (48, 96)
        np.testing.assert_allclose(bright.min(axis=0), (top, left), atol=2)
        np.testing.assert_allclose(bright.max(axis=0), (top + height, left + width), atol=3)
        assert abs(frame.u.astype(int) - 128).max() < 4


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_uneven_times_stay_exactly_as_they_are(tmp_path, suffix):
    times = [0, 1, 40, 41, 500, 1000, 1003, 1777, 3000, 3001, 3002, 9000]
    source = make(tmp_path / f"in{suffix}", Clip(time_base=Fraction(1, 1000), times=times))
    after = through(source, tmp_path / f"out{suffix}")
    assert [time * 1000 for time in after.times] == times
    if suffix != ".mkv":
        assert after.time_base == read(source).time_base


def test_the_last_frame_lasts_as_long_as_it_did(tmp_path):
    source = make(tmp_path / "in.mkv", Clip(time_base=Fraction(1, 1000), times=[0, 10, 20], options={"bf": "0"}))
    with VideoReader(source) as reader:
        writer = VideoWriter(tmp_path / "out.mp4", reader.shape, ())
        for item in reader:
            writer.write(veil(item.frame, [], MASK), item.pts, 2500 if item.pts == 20 else 10)
        writer.close()
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.video[0].duration == 2520


def test_a_film_that_begins_late_still_does(tmp_path):
    source = make(
        tmp_path / "in.mp4", Clip(time_base=Fraction(1, 600), times=range(900, 1500, 24), sounds=[Sound(begins_s=1.0)])
    )
    before = read(source)
    assert before.times[0] == Fraction(3, 2)
    assert_same_film(before, through(source, tmp_path / "out.mp4"))


@pytest.mark.parametrize("codec", ["aac", "libopus", "flac", "libmp3lame"])
def test_sound_is_copied_bit_for_bit(tmp_path, codec):
    source = make(tmp_path / "in.mp4", Clip(sounds=[Sound(codec)]))
    after = through(source, tmp_path / "out.mp4")
    assert after.sounds == read(source).sounds
    assert len(after.sounds[0].times) > 10


def test_several_sound_tracks_keep_their_order_and_language(tmp_path):
    sounds = [Sound(language="eng"), Sound("libopus", hertz=880, language="kor"), Sound(begins_s=0.5, language="deu")]
    source = make(tmp_path / "in.mkv", Clip(sounds=sounds))
    after = through(source, tmp_path / "out.mkv")
    assert [sound.language for sound in after.sounds] == ["eng", "kor", "deu"]
    assert after.sounds == read(source).sounds


def test_pcm_fits_into_matroska(tmp_path):
    source = make(tmp_path / "in.mov", Clip(sounds=[Sound("pcm_s16le", 44100)]))
    with VideoReader(source) as reader:
        assert (can_hold(".mkv", reader.sounds), can_hold(".mov", reader.sounds)) == (True, True)
        assert not can_hold(".mp4", reader.sounds)
    assert through(source, tmp_path / "out.mkv").sounds[0].digest == read(source).sounds[0].digest


@pytest.mark.parametrize(
    ("turn", "undo"),
    [
        ((0, 1, -1, 0), lambda p: np.rot90(p, -1)),
        ((-1, 0, 0, -1), lambda p: np.rot90(p, 2)),
        ((0, -1, 1, 0), lambda p: np.rot90(p, 1)),
        ((-1, 0, 0, 1), lambda p: p[:, ::-1]),
        ((1, 0, 0, -1), lambda p: p[::-1]),
        ((0, 1, 1, 0), lambda p: p.transpose(1, 0, 2)),
        ((0, -1, -1, 0), lambda p: np.rot90(p, 2).transpose(1, 0, 2)),
    ],
)
def test_a_turned_film_is_shown_as_before(tmp_path, turn, undo):
    source = turned(make(tmp_path / "in.mp4", Clip(size=(64, 32), frames=5, aspect=Fraction(4, 3))), *turn)
    after = through(source, tmp_path / "out.mp4")
    assert set(after.turns) == {0}
    sideways = turn[0] == 0
    assert after.size == ((32, 64) if sideways else (64, 32))
    assert after.aspect == (Fraction(3, 4) if sideways else Fraction(4, 3))
    for number, shown in enumerate(after.pictures):
        assert difference(shown, undo(read(source).pictures[number])) < 6


@pytest.mark.parametrize("size", [(65, 48), (64, 47), (65, 47), (17, 33)])
def test_odd_sizes_stay(tmp_path, size):
    source = make(tmp_path / "in.mkv", Clip(size=size, codec="ffv1", frames=6))
    assert_same_film(read(source), through(source, tmp_path / "out.mp4"))


@pytest.mark.parametrize(
    ("codec", "pixel_format", "container"),
    [
        ("libx265", "yuv420p10le", ".mp4"),
        ("libx265", "yuv420p", ".mp4"),
        ("libx264", "yuv422p", ".mp4"),
        ("libx264", "yuv422p10le", ".mov"),
        ("libx264", "yuv444p", ".mp4"),
        ("libvpx-vp9", "yuv420p", ".webm"),
        ("libsvtav1", "yuv420p", ".mp4"),
        ("mpeg2video", "yuv420p", ".ts"),
        ("mpeg4", "yuv420p", ".avi"),
        ("mjpeg", "yuvj422p", ".avi"),
        ("prores_ks", "yuv422p10le", ".mov"),
        ("libx264rgb", "rgb24", ".mp4"),
        ("rawvideo", "yuv420p", ".avi"),
    ],
)
def test_other_codecs_and_depths_come_out_as_h264(tmp_path, codec, pixel_format, container):
    if codec not in av.codecs_available:
        pytest.skip(f"PyAV here has no {codec} encoder")
    options = {"libsvtav1": {"preset": "10"}, "libx265": {"x265-params": "log-level=none"}}.get(codec, {})
    time_base = Fraction(1, 1000) if container in (".webm", ".mkv") else Fraction(1, 25)
    clip = Clip((96, 80), 12, codec, pixel_format, time_base, options=options)
    source = make(tmp_path / f"in{container}", clip)
    before, after = read(source), through(source, tmp_path / "out.mp4")
    assert after.codec == "h264"
    assert after.pixel_format.replace("j", "") == ("yuv444p" if pixel_format in ("yuv444p", "rgb24") else "yuv420p")
    assert after.times == before.times
    assert after.size == before.size
    for one, other in zip(before.pictures, after.pictures):
        assert difference(one, other) < 14  # slanted colours lose most where chroma is halved


def test_colour_tags_and_full_range_stay(tmp_path):
    clip = Clip(pixel_format="yuv420p", colours=(2, 9, 16, 9))
    source = make(tmp_path / "in.mp4", clip)
    before, after = read(source), through(source, tmp_path / "out.mp4")
    assert after.colours == before.colours == (2, 9, 16, 9)
    for one, other in zip(before.pictures, after.pictures):
        assert difference(one, other) < 3


def test_ten_bit_full_range_keeps_its_levels(tmp_path):
    white = [np.full((48, 64, 3), 255 * (n % 2), np.uint8) for n in range(6)]
    clip = Clip(frames=6, codec="ffv1", pixel_format="yuv420p10le", colours=(2, 1, 1, 1), pictures=white)
    source = make(tmp_path / "in.mkv", clip)
    with VideoReader(source) as reader:
        lumas = [int(item.frame.y.mean()) for item in reader if isinstance(item, Decoded)]
    with av.open(str(source)) as container:
        stored = [
            int(np.frombuffer(frame.planes[0], "<u2").reshape(48, -1)[:, :64].mean()) // 4
            for frame in container.decode(video=0)
        ]
    assert lumas == pytest.approx(stored, abs=1)


@pytest.mark.parametrize("aspect", [Fraction(16, 11), Fraction(3, 4)])
def test_pixel_aspect_stays(tmp_path, aspect):
    source = make(tmp_path / "in.mp4", Clip(aspect=aspect))
    assert through(source, tmp_path / "out.mp4").aspect == aspect


@pytest.mark.parametrize("fields", ["tff", "bff"])
def test_interlaced_stays_interlaced(tmp_path, fields):
    plain = make(tmp_path / "plain.mp4", Clip(size=(64, 64)))
    with VideoReader(plain) as reader:
        shape = replace(reader.shape, fields=fields)
        writer = VideoWriter(tmp_path / "in.mp4", shape, ())
        for item in reader:
            writer.write(veil(item.frame, [], MASK), item.pts, item.duration)
        writer.close()
    before = read(tmp_path / "in.mp4")
    assert before.interlaced
    if before.field_order:
        assert before.field_order == {"tff": 2, "bff": 3}[fields]
    after = through(tmp_path / "in.mp4", tmp_path / "out.mp4")
    assert after.interlaced
    assert after.field_order == before.field_order
    assert_same_film(before, after)


def test_an_animated_gif_is_a_video(tmp_path):
    from PIL import Image

    pictures = [Image.fromarray(pattern((64, 48), n)) for n in range(8)]
    pictures[0].save(
        tmp_path / "in.gif", save_all=True, append_images=pictures[1:], duration=[40, 90, 40, 40, 40, 40, 40, 500]
    )
    after = through(tmp_path / "in.gif", tmp_path / "out.mp4")
    assert [float(time) for time in after.times] == pytest.approx([0, 0.04, 0.13, 0.17, 0.21, 0.25, 0.29, 0.33])


def test_frames_may_be_overwritten_without_harm_to_later_ones(tmp_path):
    """A decoder predicts from the pictures it has handed out: writing into those would smear."""
    source = make(tmp_path / "in.mp4", Clip(frames=40, options={"bf": "2", "g": "100"}))
    before = read(source)
    with VideoReader(source) as reader:
        frames = []
        for number, item in enumerate(item for item in reader if isinstance(item, Decoded)):
            if number % 2 == 0:
                item.frame.y[:], item.frame.u[:], item.frame.v[:] = 0, 0, 0
            frames.append(item.frame)
    with av.open(str(source)) as container:
        lumas = [frame.to_ndarray()[:48] for frame in container.decode(video=0)]
    assert len(frames) == len(before.times)
    for number in range(1, 40, 2):
        assert np.array_equal(frames[number].y, lumas[number]), f"frame {number}"


def test_other_streams_and_tags_are_dropped(tmp_path):
    tags = {"title": "Kim at home", "com.apple.quicktime.location.ISO6709": "+37.5/", "timecode": "10:11:12:13"}
    source = make(tmp_path / "in.mov", Clip(tags=tags, time_base=Fraction(1, 25), sounds=[Sound()]))
    assert "com.apple.quicktime.location.ISO6709" in read(source).tags
    with VideoReader(source) as reader:
        assert [stream.split()[0] for stream in reader.dropped] == ["data"]
    through(source, tmp_path / "out.mp4")
    written = (tmp_path / "out.mp4").read_bytes()
    assert not [word for word in (b"Kim", b"+37.5", b"tmcd") if word in written]
    assert read(tmp_path / "out.mp4").kinds == ("video", "audio")


def test_tags_are_kept_when_asked_for(tmp_path):
    source = make(tmp_path / "in.mp4", Clip(tags={"title": "Kim at home", "location": "+37.5665+126.9780/"}))
    with VideoReader(source) as reader:
        writer = VideoWriter(tmp_path / "out.mp4", reader.shape, reader.sounds)
        writer.keep_metadata(reader.metadata, reader.chapters)
        for item in reader:
            writer.write(veil(item.frame, [], MASK), item.pts, item.duration)
        writer.close()
    tags = read(tmp_path / "out.mp4").tags
    assert tags["title"] == "Kim at home"
    assert tags["location"].startswith("+37.5665")


def test_a_second_video_stream_is_dropped(tmp_path):
    path = tmp_path / "in.mkv"
    with av.open(str(path), "w") as out:
        streams = [out.add_stream("libx264", rate=25) for _ in range(2)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for stream in streams:
            for number in range(5):
                out.mux(stream.encode(av.VideoFrame.from_ndarray(pattern((64, 48), number), "rgb24")))
            out.mux(stream.encode(None))
    with VideoReader(path) as reader:
        assert reader.dropped == ("video (h264)",)
    assert through(path, tmp_path / "out.mp4").kinds == ("video",)


def test_sound_that_a_container_cannot_hold_is_told(tmp_path):
    source = make(tmp_path / "in.mkv", Clip(sounds=[Sound("wavpack")]))
    with VideoReader(source) as reader:
        assert not can_hold(".mp4", reader.sounds)
        with pytest.raises(InputError, match=r"\.mp4 cannot hold wavpack sound; name the output \.mkv"):
            VideoWriter(tmp_path / "out.mp4", reader.shape, reader.sounds)


def test_a_picture_that_got_lost_in_the_encoder_is_an_error(tmp_path, monkeypatch):
    source = make(tmp_path / "in.mp4", Clip(frames=8))
    with VideoReader(source) as reader:
        writer = VideoWriter(tmp_path / "out.mp4", reader.shape, ())
        for item in reader:
            writer.write(veil(item.frame, [], MASK), item.pts, item.duration)
        writer._written += 1
        with pytest.raises(SinkError, match="9 pictures were encoded but 8 came out"):
            writer.close()


def test_only_masked_frames_are_taken():
    assert VideoWriter.write.__annotations__["masked"] == MaskedFrame.__name__
