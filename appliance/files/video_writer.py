"""Masked frames into an H.264 file, with the sound packets as they came. Nothing but MaskedFrame goes in."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from appliance.core.veiling import MaskedFrame
from appliance.errors import InputError, SinkError
from appliance.files.video_planes import array_of
from appliance.files.video_reader import Shape

MUXERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
"""Containers written, by the output's name."""

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
RANGE_LIMITED, RANGE_FULL = 1, 2
KEYFRAME_S = 5
OWN_TAGS = frozenset(("major_brand", "minor_version", "compatible_brands", "encoder"))
"""Container tags that speak of the file itself, not of what is in it."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How pictures are written."""

    quality: int = 17
    """x264's constant rate factor, 0 (lossless) to 51; 17 or 18 cannot be told from the source by eye."""
    preset: str = "ultrafast"
    """x264's trade of speed for size: superfast takes twice the time for 3/5 of the size, veryfast thrice for 1/3."""


class VideoWriter:
    """One output file. Exactly one of `close` and `abandon` must be called."""

    def __init__(self, path: Path, shape: Shape, sounds: tuple[Any, ...], encoding: Encoding = Encoding()) -> None:
        """sounds: the av audio streams of the source; raises InputError when the container cannot hold one of them."""
        import av

        self._path = path
        self._shape = shape
        self._written = self._packets = 0
        self._durations: dict[int, int] = {}
        self._held: Any = None
        self._first: Any = None
        self._fields = _FieldOrder(shape) if shape.fields else None
        self._end = 0
        self._output = av.open(
            f"file:{path}", "w", format=muxer_of(path), container_options=_muxer_options(path, shape.time_base)
        )
        try:
            self._video = self._add_video(shape, encoding)
            self._sounds = {sound.index: self._add_sound(sound) for sound in sounds}
        except BaseException:
            self.abandon()
            raise

    def keep_metadata(self, metadata: dict[str, str], chapters: list[Any]) -> None:
        """Write these container tags and chapters too; to be called before the first frame."""
        self._output.metadata.update({key: value for key, value in metadata.items() if key not in OWN_TAGS})
        if chapters:
            self._output.set_chapters(chapters)

    def write(self, masked: MaskedFrame, pts: int, duration: int) -> None:
        """Encode one picture, shown at pts for `duration` (0: unknown) units of the shape's time base."""
        picture = self._picture(masked, pts)
        self._durations[pts] = duration
        self._written += 1
        self._end = pts + duration
        self._mux(self._video.encode(picture))

    def sound(self, packet: Any) -> None:
        """Pass on a sound packet of the source, bit for bit."""
        packet.stream = self._sounds[packet.stream.index]
        self._output.mux(packet)

    def close(self) -> None:
        """Write what is still in the encoder, and the file's end; raises SinkError when a picture went missing."""
        try:
            self._mux(self._video.encode(None))
            if self._held is not None:
                self._stretch(self._held)
                self._output.mux(self._held)
        finally:
            self._output.close()
        if self._packets != self._written:
            raise SinkError(f"{self._path}: {self._written} pictures were encoded but {self._packets} came out")

    def abandon(self) -> None:
        """Let go of the file, which is of no use then."""
        import av

        # The file is to be removed anyway, and what broke it has been told already.
        with suppress(av.FFmpegError, OSError, ValueError):
            self._output.close()

    def _mux(self, packets: list[Any]) -> None:
        """One packet is held back until the next one comes: the very last is treated differently."""
        for packet in packets:
            self._packets += 1
            packet.duration = self._durations.pop(packet.pts, 0) or packet.duration
            self._first = self._first or (packet.pts, packet.dts)
            if self._held is not None:
                self._output.mux(self._held)
            self._held = packet

    def _stretch(self, last: Any) -> None:
        """MP4 counts durations in decoding order: whatever is decoded last must make up for the whole."""
        if self._output.format.name != "matroska":
            first_pts, first_dts = self._first
            last.duration = max((self._end - first_pts) - (last.dts - first_dts), 1)

    def _picture(self, masked: MaskedFrame, pts: int) -> Any:
        from av import VideoFrame

        picture = VideoFrame(self._shape.width, self._shape.height, self._shape.pixel_format)
        picture.pts, picture.time_base = pts, self._shape.time_base
        picture.color_range = RANGE_FULL if self._shape.full_range else RANGE_LIMITED
        for plane, pixels in zip(picture.planes, (masked.y, masked.u, masked.v)):
            array_of(plane)[:] = pixels
        return picture if self._fields is None else self._fields.marked(picture)

    def _add_video(self, shape: Shape, encoding: Encoding) -> Any:
        stream = self._output.add_stream("libx264", rate=shape.rate, options=_encoder_options(shape, encoding))
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = shape.width, shape.height, shape.pixel_format
        context.time_base = stream.time_base = shape.time_base
        context.sample_aspect_ratio = shape.aspect
        context.gop_size = max(round(KEYFRAME_S * shape.rate), 1)
        context.color_range = RANGE_FULL if shape.full_range else RANGE_LIMITED
        context.color_primaries, context.color_trc = shape.primaries, shape.transfer
        context.colorspace = shape.matrix
        return stream

    def _add_sound(self, sound: Any) -> Any:
        if not can_hold(self._path.suffix.lower(), (sound,)):
            raise InputError(f"{self._path.suffix} cannot hold {sound.name or 'this'} sound; name the output .mkv")
        stream = self._output.add_stream_from_template(sound)
        if sound.language:
            stream.metadata["language"] = sound.language
        stream.disposition = sound.disposition.value
        return stream


class _FieldOrder:
    """Marks frames as two fields; PyAV itself cannot set that flag, without which x264 assumes the lower one first."""

    def __init__(self, shape: Shape) -> None:
        from av.filter import Graph
        from av.video.format import VideoFormat

        self._graph = Graph()
        width, height = shape.width, shape.height
        kind = VideoFormat(shape.pixel_format, width, height)
        source = self._graph.add_buffer(width=width, height=height, format=kind, time_base=shape.time_base)
        self._graph.link_nodes(
            source, self._graph.add("setfield", f"mode={shape.fields}"), self._graph.add("buffersink")
        ).configure()

    def marked(self, picture: Any) -> Any:
        """The picture with the flag; the pixels are shared."""
        self._graph.vpush(picture)
        return self._graph.vpull()


def can_hold(suffix: str, sounds: tuple[Any, ...]) -> bool:
    """True when a container of that name takes all these av audio streams."""
    import io

    import av

    # Uncompressed sound in MP4 is a late addition that hardly any player knows.
    if MUXERS[suffix] == "mp4" and any((sound.name or "").startswith("pcm_") for sound in sounds):
        return False
    # The muxer's own list knows less than the muxer: some codecs it names are refused for their layout or tag.
    trial = av.open(io.BytesIO(), "w", format=MUXERS[suffix])
    try:
        for sound in sounds:
            trial.add_stream_from_template(sound)
        if sounds:
            trial.start_encoding()
        trial.close()
    except (av.FFmpegError, ValueError):
        return False
    return True


def muxer_of(path: Path) -> str:
    """The muxer for the output's name; raises InputError for a name of none."""
    name = MUXERS.get(path.suffix.lower())
    if name is None:
        raise InputError(f"{path}: a video is written as {', '.join(MUXERS)}; choose one of these names")
    return name


def _muxer_options(path: Path, time_base: Fraction) -> dict[str, str]:
    if muxer_of(path) == "matroska":
        return {"max_interleave_delta": "0"}
    # Without a given timescale the muxer would choose a finer one, and times would no longer be the source's numbers.
    return {
        "max_interleave_delta": "0",
        "movflags": "+use_metadata_tags",
        "video_track_timescale": str(time_base.denominator),
    }


def _encoder_options(shape: Shape, encoding: Encoding) -> dict[str, str]:
    options = {"crf": str(encoding.quality), "preset": encoding.preset, "a53cc": "0"}
    if shape.fields:
        options["x264-params"] = f"{shape.fields}=1"
    return options
