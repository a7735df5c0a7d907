"""Clips for tests, made on the spot with PyAV: pictures that move, and tones."""

from __future__ import annotations

import hashlib
import multiprocessing
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

APART = {"libsvtav1"}
"""Encoders that need a process of their own: run by root, SVT-AV1 makes the whole caller a real-time process for good,
and whatever that starts later takes the processors from everybody else."""


@dataclass(frozen=True)
class Sound:
    """One sound track: a tone."""

    codec: str = "aac"
    rate: int = 48000
    seconds: float = 1.0
    hertz: float = 440.0
    begins_s: float = 0.0
    language: str = "und"


@dataclass(frozen=True)
class Clip:
    """What a clip is made of."""

    size: tuple[int, int] = (64, 48)
    frames: int = 25
    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    time_base: Fraction = Fraction(1, 12800)
    times: Sequence[int] | None = None
    """pts of each frame; None: 25 a second from zero."""
    sounds: Sequence[Sound] = ()
    aspect: Fraction = Fraction(1)
    options: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    colours: tuple[int, int, int, int] | None = None
    """range, primaries, transfer, matrix."""
    pictures: Sequence[Picture] | None = None
    """(h, w, 3) RGB to show instead of the moving pattern."""


def pattern(size: tuple[int, int], number: int) -> Picture:
    """(h, w, 3) RGB: slanted colours that move to the right, no two frames alike."""
    columns, rows = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    shifted = columns * 2 + rows - 6 * number
    return np.stack([shifted % 256, (shifted * 2 + 80) % 256, (rows * 3) % 256], axis=-1).astype(np.uint8)


def make(path: Path, clip: Clip = Clip()) -> Path:
    """Write the clip in the container that the path's name says."""
    if clip.codec not in APART:
        _write(path, clip)
        return path
    writer = multiprocessing.get_context("spawn").Process(target=_write, args=(path, clip))
    writer.start()
    writer.join()
    assert writer.exitcode == 0, f"{clip.codec} could not write {path}"
    return path


def _write(path: Path, clip: Clip) -> None:
    with av.open(str(path), "w", container_options=_muxing(path)) as out:
        out.metadata.update(clip.tags)
        video = out.add_stream(clip.codec, rate=25, options={"threads": "1", **clip.options})
        context = video.codec_context
        context.width, context.height = clip.size
        context.pix_fmt, context.sample_aspect_ratio = clip.pixel_format, clip.aspect
        context.time_base = video.time_base = clip.time_base
        if clip.colours:
            context.color_range, context.color_primaries, context.color_trc, context.colorspace = clip.colours
        tracks = [(sound, _track(out, sound)) for sound in clip.sounds]
        for sound, track in tracks:
            _write_tone(out, track, sound)
        _write_pictures(out, video, clip)


def _muxing(path: Path) -> dict[str, str]:
    return {"movflags": "+use_metadata_tags"} if path.suffix in (".mp4", ".mov") else {}


def _write_pictures(out: av.container.OutputContainer, video: av.VideoStream, clip: Clip) -> None:
    times = clip.times or [n * int(1 / clip.time_base) // 25 for n in range(clip.frames)]
    for number, pts in enumerate(times):
        rgb = clip.pictures[number] if clip.pictures else pattern(clip.size, number)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), "rgb24")
        if clip.pixel_format != "rgb24":
            frame = frame.reformat(format=clip.pixel_format)
        frame.pts, frame.time_base = pts, clip.time_base
        out.mux(video.encode(frame))
    out.mux(video.encode(None))


def _track(out: av.container.OutputContainer, sound: Sound) -> av.AudioStream:
    track = out.add_stream(sound.codec, rate=sound.rate)
    track.codec_context.layout = "mono"
    track.metadata["language"] = sound.language
    return track


def _write_tone(out: av.container.OutputContainer, track: av.AudioStream, sound: Sound) -> None:
    count = 1024 if not track.codec_context.frame_size else track.codec_context.frame_size
    start = round(sound.begins_s * sound.rate)
    for first in range(0, int(sound.seconds * sound.rate), count):
        phase = (first + np.arange(count)) * 2 * np.pi * sound.hertz / sound.rate
        wave = (np.sin(phase) * 9000).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(wave, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = sound.rate, start + first, Fraction(1, sound.rate)
        for converted in av.AudioResampler(format=track.codec_context.format, layout="mono").resample(frame):
            converted.pts, converted.time_base = start + first, Fraction(1, sound.rate)
            out.mux(track.encode(converted))
    out.mux(track.encode(None))


def turned(path: Path, a: int, b: int, c: int, d: int) -> Path:
    """Patch the MP4's first track header: a stored (x, y) is shown at (a x + c y, b x + d y)."""
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40
    struct.pack_into(">9i", data, matrix, a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    return path


@dataclass(frozen=True)
class Heard:
    """One sound track as read: the bytes of its packets, and their times in seconds."""

    codec: str
    language: str
    digest: str
    times: tuple[float, ...]


@dataclass(frozen=True)
class Seen:
    """A video file as read by libav, for comparison."""

    codec: str
    size: tuple[int, int]
    pixel_format: str
    aspect: Fraction
    time_base: Fraction
    times: tuple[Fraction, ...]
    """Seconds of every decoded frame."""
    pictures: tuple[Picture, ...]
    """(h, w, 3) RGB of every frame as stored."""
    turns: tuple[int, ...]
    """Display rotation of every frame in degrees."""
    sounds: tuple[Heard, ...]
    kinds: tuple[str, ...]
    """Types of all streams."""
    tags: dict[str, str]
    colours: tuple[int, int, int, int]
    interlaced: bool
    field_order: int
    """0: unknown, 1: progressive, 2: upper field first, 3: lower field first (PyAV 16 or newer)."""


def read(path: Path) -> Seen:
    """Everything a test may want to compare."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        context = video.codec_context
        frames = list(container.decode(video))
        return Seen(
            context.codec.name,
            (frames[0].width, frames[0].height),
            frames[0].format.name,
            Fraction(video.sample_aspect_ratio or 1),
            Fraction(video.time_base),
            tuple(frame.pts * Fraction(video.time_base) for frame in frames),
            tuple(frame.to_ndarray(format="rgb24") for frame in frames),
            tuple(frame.rotation for frame in frames),
            tuple(_heard(path, sound.index) for sound in container.streams.audio),
            tuple(stream.type for stream in container.streams),
            dict(container.metadata),
            (context.color_range, context.color_primaries, context.color_trc, context.colorspace),
            frames[0].interlaced_frame,
            getattr(context, "field_order", 0),
        )


def _heard(path: Path, index: int) -> Heard:
    with av.open(str(path)) as container:
        sound = container.streams[index]
        packets = [packet for packet in container.demux(sound) if packet.size]
        digest = hashlib.md5(b"".join(bytes(packet) for packet in packets), usedforsecurity=False).hexdigest()
        times = tuple(round(float((packet.pts or 0) * packet.time_base), 3) for packet in packets)
        return Heard(sound.codec_context.name, sound.language or "und", digest, times)
