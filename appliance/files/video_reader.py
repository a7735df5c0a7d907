"""A video file, opened with care: upright frames to be masked, and its sound packets untouched."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

from appliance.core.frames import Frame
from appliance.errors import InputError
from appliance.files.completeness import Completeness
from appliance.files.video_planes import Orientation, is_full_range, orientation_of, planes_of, working_format

CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,mpegts,mpeg,mpegvideo,flv,asf,ogg,mxf,yuv4mpegpipe,ivf,dv,h264,hevc"
)
"""Demuxers a user's file may choose among: none that reads other files or addresses."""

LONGEST_SIDE, MOST_PIXELS = 16384, 8192 * 4320
"""Limits of H.264 and of memory."""

LOWER_FIRST = (3, 4)
"""AV_FIELD_BB and AV_FIELD_TB."""

DEFAULT_RATE = Fraction(25)
SRGB_LIKE = (1, 13, 6)
"""Primaries, transfer and matrix written for sources that are RGB: BT.709, sRGB, and the BT.601 matrix swscale uses."""


@dataclass(frozen=True, slots=True)
class Shape:
    """All a writer must know of the pictures, as they are shown: upright."""

    width: int
    height: int
    pixel_format: str
    """"yuv420p" or "yuv444p"."""
    time_base: Fraction
    """Seconds per unit of pts."""
    rate: Fraction
    """Frames a second, on average."""
    aspect: Fraction
    """Width of one pixel over its height."""
    full_range: bool
    primaries: int
    transfer: int
    matrix: int
    """Colour tags by their numbers in ITU-T H.273."""
    fields: str
    """"tff" or "bff" when each frame holds two fields, the upper or the lower one first; else ""."""


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """One picture: the frame, and its time and duration (0: unknown) in units of the time base."""

    frame: Frame
    pts: int
    duration: int


class VideoReader:
    """Iterate it once: Decoded pictures, and av packets of the sound tracks, in the file's order.

    Raises InputError when the file holds no video, and at the first sign of damage: nothing is left out in silence.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; its first picture is decoded to know the shape."""
        self.path = path
        self._container = _opened(path)
        try:
            self._video = self._chosen_video()
            self._video.thread_type = "AUTO"
            self.sounds: tuple[Any, ...] = tuple(self._container.streams.audio)
            self.metadata: dict[str, str] = dict(self._container.metadata)
            # PyAV before 16 knows no chapters.
            self.chapters: list[Any] = self._container.chapters() if hasattr(self._container, "chapters") else []
            self._last_pts: int | None = None
            self._size = self._size_before = (0, 0)
            self._orientation = Orientation()
            self._completeness = Completeness(self._container, self._video)
            self._items: Generator[Decoded | Any, None, None] = self._read()
            self._held: list[Decoded | Any] = []
            self._shape: Shape | None = None
            self._hold_first_picture()
        except BaseException:
            self._container.close()
            raise

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; nobody may be iterating."""
        self._items.close()
        self._container.close()

    @property
    def shape(self) -> Shape:
        """What a writer must know of the pictures; known from the first one on."""
        assert self._shape is not None, "set when the file is opened"
        return self._shape

    @property
    def expected_frames(self) -> int | None:
        """How many pictures there probably are, for a progress bar only."""
        if self._video.frames > 0:
            return int(self._video.frames)
        seconds = self._seconds()
        return round(seconds * self.shape.rate) if seconds else None

    @property
    def dropped(self) -> tuple[str, ...]:
        """Streams that will not be in the output, such as "data (bin_data)"."""
        kept = {self._video.index, *(sound.index for sound in self.sounds)}
        return tuple(_described(stream) for stream in self._container.streams if stream.index not in kept)

    def __iter__(self) -> Iterator[Decoded | Any]:
        held, self._held = self._held, []
        yield from held
        yield from self._items

    def _chosen_video(self) -> Any:
        from av.stream import Disposition

        # A cover picture is a video stream of one frame.
        films = [v for v in self._container.streams.video if not v.disposition & Disposition.attached_pic]
        if not films:
            raise InputError(f"{self.path}: holds no video")
        video = films[0]
        if video.codec_context is None:
            raise InputError(f"{self.path}: its video codec is unknown")
        return video

    def _hold_first_picture(self) -> None:
        for item in self._items:
            self._held.append(item)
            if isinstance(item, Decoded):
                return
        raise InputError(f"{self.path}: holds no picture that can be decoded")

    def _read(self) -> Generator[Decoded | Any, None, None]:
        import av

        wanted = [self._video, *self.sounds]
        try:
            for packet in self._container.demux(wanted):
                if packet.is_corrupt:
                    raise InputError(f"{self.path}: is damaged{self._whereabouts()}")
                self._completeness.packet(packet)
                if packet.stream.index != self._video.index:
                    if packet.dts is not None or packet.pts is not None:
                        yield packet
                    continue
                for picture in packet.decode():
                    yield self._decoded(picture)
        except av.FFmpegError as error:
            raise InputError(f"{self.path}: is damaged{self._whereabouts()} ({_cause(error)})") from None
        if fault := self._completeness.fault():
            raise InputError(f"{self.path}: {fault}")

    def _decoded(self, picture: Any) -> Decoded:
        if picture.is_corrupt:
            raise InputError(f"{self.path}: is damaged{self._whereabouts()}")
        self._completeness.picture(picture)
        if self._shape is None:
            self._take_shape(picture)
        y, u, v = planes_of(picture, self.shape.pixel_format, self._size, self._orientation)
        pts = self._next_pts(picture)
        size, self._size_before = self._size_before, (picture.width, picture.height)
        frame = Frame(y, u, v, 0, float(pts * self.shape.time_base), cut=size != self._size_before)
        return Decoded(frame, pts, picture.duration or 0)

    def _next_pts(self, picture: Any) -> int:
        """The picture's own time; where it has none, or not a later one than its forerunner, the next possible."""
        last = self._last_pts
        pts = picture.pts if picture.pts is not None else picture.dts
        if pts is None:
            pts = 0 if last is None else last + max(round(1 / (self.shape.rate * self.shape.time_base)), 1)
        if last is not None and pts <= last:
            pts = last + 1
        self._last_pts = int(pts)
        return int(pts)

    def _take_shape(self, picture: Any) -> None:
        width, height = picture.width, picture.height
        if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
            raise InputError(f"{self.path}: {width}x{height} is larger than H.264 can hold")
        turn = orientation_of(picture)
        aspect = Fraction(self._video.sample_aspect_ratio or 0) or Fraction(1)
        context = self._video.codec_context
        colours = (int(context.color_primaries), int(context.color_trc), int(context.colorspace))
        if picture.format.name.startswith(("rgb", "bgr", "gbr", "pal", "0rgb", "0bgr", "argb", "abgr", "x2")):
            colours = SRGB_LIKE
        rate = self._video.average_rate or self._video.guessed_rate or DEFAULT_RATE
        self._size, self._orientation = (width, height), turn
        self._shape = Shape(
            *((height, width) if turn.transposed else (width, height)),
            working_format(picture),
            Fraction(self._video.time_base),
            Fraction(rate) if 0 < rate <= 1000 else DEFAULT_RATE,
            1 / aspect if turn.transposed else aspect,
            is_full_range(picture),
            *colours,
            _fields(picture, context) if turn == Orientation() else "",
        )

    def _seconds(self) -> Fraction | None:
        duration = self._container.duration
        return Fraction(duration, 1_000_000) if duration and duration > 0 else None

    def _whereabouts(self) -> str:
        if self._last_pts is None or self._shape is None:
            return " at its beginning"
        return f" after second {float(self._last_pts * self._shape.time_base):.2f}"


def _opened(path: Path) -> Any:
    import av

    try:
        # "file:" keeps names such as "a:b.mp4" from being taken for addresses.
        options = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
        return av.open(f"file:{path}", options=options, metadata_errors="replace")
    except av.FFmpegError as error:
        raise InputError(f"{path}: is no video that can be read ({_cause(error)})") from None


def _fields(picture: Any, context: Any) -> str:
    if not picture.interlaced_frame:
        return ""
    # PyAV before 16 does not tell; most interlaced video shows its upper field first.
    return "bff" if getattr(context, "field_order", 0) in LOWER_FIRST else "tff"


def _described(stream: Any) -> str:
    codec = getattr(stream, "name", None) or getattr(stream.codec_context, "name", None)
    return f"{stream.type} ({codec})" if codec else str(stream.type)


def _cause(error: Any) -> str:
    return str(error.strerror or error).lower()
