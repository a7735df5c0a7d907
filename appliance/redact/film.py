"""A film through the pipeline in three threads: one reads and looks for faces, one covers them, one encodes."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from appliance.core.veiling import MaskedFrame
from appliance.errors import MofyError
from appliance.files.overlap import WAITING, Ahead, Behind, batched
from appliance.files.video_reader import Decoded, VideoReader
from appliance.files.video_writer import VideoWriter
from appliance.pipeline import Pipeline, Searched

GARBAGE_AT = 50_000
"""So many objects more than before, and Python looks for those that keep only each other. Each frame makes and drops
thousands, and none of them does; to look through all that there is takes as long as five frames."""


def redact(
    pipeline: Pipeline, reader: VideoReader, writer: VideoWriter, covered: Callable[[MaskedFrame], None]
) -> None:
    """Cover and write every picture, and the sound as it is; covered: called with each picture as soon as it is.

    The writer is closed, or abandoned on whatever is raised: MofyError when not every picture came out.
    """
    film = _Film(pipeline, writer, covered)
    batches = batched(_searched(pipeline, reader), lambda item: isinstance(item, _Found))
    ahead: Ahead[list[_Found | Any]] = Ahead(batches, WAITING)
    behind: Behind[list[Callable[[], None]]] = Behind(_do_all, WAITING)
    try:
        with _garbage_left():
            for batch in ahead:
                behind.put(film.taken(batch))
            for masked in pipeline.flush():
                behind.put([film.to_write(masked)])
            behind.finish()
        if film.written_frames != len(film.times):
            raise MofyError(f"{reader.path}: {len(film.times)} frames went in but {film.written_frames} came out")
        writer.close()
    except BaseException:
        behind.abandon()
        writer.abandon()
        raise
    finally:
        ahead.stop()


@dataclass(frozen=True, slots=True)
class _Found:
    """A searched frame, and when it is shown."""

    searched: Searched
    pts: int
    duration: int


def _searched(pipeline: Pipeline, items: Iterable[Decoded | Any]) -> Iterator[_Found | Any]:
    """The items, faces looked for in each frame; to be drawn by one thread, beside the one that covers them."""
    for item in items:
        yield _Found(pipeline.search(item.frame), item.pts, item.duration) if isinstance(item, Decoded) else item


class _Film:
    """Searched pictures and packets of sound go in, what is to be written comes out, in order."""

    def __init__(self, pipeline: Pipeline, writer: VideoWriter, covered: Callable[[MaskedFrame], None]) -> None:
        """covered: called with each picture as soon as it is."""
        self._pipeline = pipeline
        self._writer = writer
        self._covered = covered
        self.times: list[tuple[int, int]] = []
        """Of each picture that went in: when it is shown, and for how long, in units of the film's time base."""
        self.written_frames = 0

    def taken(self, batch: Iterable[_Found | Any]) -> list[Callable[[], None]]:
        """What is ready to be written after these."""
        writes: list[Callable[[], None]] = []
        for item in batch:
            if isinstance(item, _Found):
                self.times.append((item.pts, item.duration))
                writes += [self.to_write(masked) for masked in self._pipeline.take(item.searched)]
            else:
                writes.append(partial(self._writer.sound, item))
        return writes

    def to_write(self, masked: MaskedFrame) -> Callable[[], None]:
        """What writes this picture, which the pipeline has just given."""
        self.written_frames += 1
        self._covered(masked)
        return partial(self._writer.write, masked, *self.times[masked.index])


@contextmanager
def _garbage_left() -> Iterator[None]:
    """Inside the block Python looks for garbage only where much of it may be."""
    usual = gc.get_threshold()
    gc.set_threshold(GARBAGE_AT)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _do_all(works: Iterable[Callable[[], None]]) -> None:
    for work in works:
        work()
