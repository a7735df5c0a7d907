"""Where the time of redacting a film goes: processor and wall time of each stage, taken in the threads at work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from appliance import pipeline
from appliance.core.tracking import Tracker
from appliance.files.video_reader import VideoReader
from appliance.files.video_writer import VideoWriter
from appliance.pipeline import Pipeline
from appliance.runtimes.tflite import TfliteRuntime

PLACES: tuple[tuple[str, Any, str], ...] = (
    ("read", VideoReader, "_decoded"),
    ("search", Pipeline, "search"),
    ("network", TfliteRuntime, "run"),
    ("take", Pipeline, "take"),
    ("follow", Tracker, "follow"),
    ("judge", pipeline, "placed"),
    ("veil", pipeline, "veil"),
    ("write", VideoWriter, "write"),
)
"""What each stage is called here, and the function it is."""


@dataclass
class Spent:
    """On one stage, in seconds."""

    cpu_s: float = 0.0
    wall_s: float = 0.0


@contextmanager
def timed() -> Iterator[dict[str, Spent]]:
    """What is spent on each stage inside the block; a stage holds what it calls."""
    spent = {name: Spent() for name, _, _ in PLACES}
    with ExitStack() as patches:
        for name, owner, function in PLACES:
            patches.enter_context(mock.patch.object(owner, function, _timed(getattr(owner, function), spent[name])))
        yield spent


def _timed(function: Callable[..., Any], spent: Spent) -> Callable[..., Any]:
    # Each stage belongs to one thread: nobody else adds to what it has spent.
    def wrapper(*args: Any, **more: Any) -> Any:
        cpu, wall = time.thread_time(), time.perf_counter()
        try:
            return function(*args, **more)
        finally:
            spent.cpu_s += time.thread_time() - cpu
            spent.wall_s += time.perf_counter() - wall

    return wrapper
