"""Puts the parts of a pipeline together as the configuration says; shared by the engine, redaction and the bench."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from appliance import model_files, parts
from appliance.core.identity import NOBODY, PHOTO, STRICT, Gallery, Levels
from appliance.core.tracks import GLIMPSED
from appliance.core.veiling import Mask
from appliance.errors import ChipError, ConfigError
from appliance.faces import Detector, Embedder
from appliance.finding import Finder, LyingFinder, PhotoFinder, TilingFinder
from appliance.masks import MaskOptions
from appliance.model_files import ModelFile
from appliance.options import Config
from appliance.pipeline import Pipeline, Settings
from appliance.runtimes import Runtime

if TYPE_CHECKING:
    from appliance.store.records import Widen

REACH_FRAMES = 10
"""Frames that a cover reaches beyond a sighting, whatever the window: a third of a second at 30 Hz."""

MOST_FILM_TILES = 9
"""Tiles of a video's frame: enough for 1080p at full resolution, and through in less than the window."""


def detector(config: Config) -> Detector:
    """The configured face detector, its model checked."""
    model, runtime = _loaded(_wanted(config.faces.detector, "detector"), config.faces.threads)
    built: Detector = parts.part("faces", model.family).build(model, runtime, threshold=config.faces.threshold)
    return built


def embedder(config: Config) -> Embedder:
    """The configured face embedder, its model checked."""
    model, runtime = _loaded(_wanted(config.faces.embedder, "embedder"), config.faces.threads)
    built: Embedder = parts.part("faces", model.family).build(model, runtime)
    return built


def is_built(config: Config) -> bool:
    """False when a network must be built for this machine's GPU first, which takes minutes; raises ModelError."""
    wanted = (_wanted(config.faces.detector, "detector"), _wanted(config.faces.embedder, "embedder"))
    return all(parts.part("runtimes", one.runtime).is_built(model_files.path(one)) for one in wanted)


def _wanted(model_id: str, kind: str) -> ModelFile:
    return model_files.find(model_id) if model_id else model_files.default(kind)


def _loaded(model: ModelFile, threads: int) -> tuple[ModelFile, Runtime]:
    """The model, ready to run; or the one that stands in for it on this chip."""
    try:
        runtime: Runtime = parts.part("runtimes", model.runtime).build(model_files.path(model), threads)
    except ChipError:
        if not model.otherwise:
            raise
        return _loaded(model_files.find(model.otherwise), threads)
    return model, runtime


def for_files(config: Config) -> Config:
    """The configuration with the threads of a network that leave room for what goes on beside it: of a file, decoding,
    following and encoding do, each in threads of its own, and a network's threads spin while they wait."""
    room = max(len(os.sched_getaffinity(0)) // 2, 1)
    faces = config.faces.model_copy(update={"threads": min(config.faces.threads, room)})
    return config.model_copy(update={"faces": faces})


def deciding_embedder(config: Config) -> tuple[Embedder, Widen | None]:
    """What decides who is shown: the configured embedder, or that and a second one joined where certainty is strict.

    Stored embeddings are the configured one's alone: those of two must be widened to be compared, by what comes second.
    """
    first = embedder(config)
    if config.faces.certainty != "strict":
        return first, None
    from appliance.recognition.second_opinion import Joined, SFace, Widener

    second = SFace()
    return Joined(first, second), Widener(second)


def mask(config: Config) -> Mask:
    """The configured style at its strength; raises InputError for an unknown style, ConfigError for a picture."""
    options = MaskOptions(strength=config.look.strength, picture=_picture(config.look.picture))
    built: Mask = parts.part("masks", config.look.style).build(options)
    return built


def _picture(path: str) -> NDArray[np.uint8] | None:
    """(h, w, 4) RGBA of a file; None for the style's own picture. Raises ConfigError."""
    if not path:
        return None
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(Path(path)) as picture:
            return np.asarray(picture.convert("RGBA"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise ConfigError(f"{path}: look.picture must be a PNG that can be read ({error})") from None


def settings(config: Config, window: int, levels: Levels | None = None) -> Settings:
    """The pipeline's settings for a window of so many frames."""
    return Settings(
        window=window,
        reach=min(window, REACH_FRAMES),
        margin=config.look.margin,
        verifications=config.faces.verifications,
        min_face_px=config.faces.min_face_px,
        levels=levels or (STRICT if config.faces.certainty == "strict" else Levels()),
        cover_everyone=config.look.mode != "selective",
        outline=config.look.outline,
    )


def live_settings(config: Config) -> Settings:
    """The same for a live source."""
    return replace(settings(config, config.window.live_frames), crossings=True)


def live(
    config: Config,
    detector: Detector,
    embedder: Embedder,
    people: Gallery = NOBODY,
    now: Callable[[], float] = time.time,
) -> Pipeline:
    """A pipeline for a live source: the short window, one rotating tile."""
    _one_thread_for_pictures()
    finder = live_finder(config, detector)
    return Pipeline(finder, embedder, mask(config), people, live_settings(config), now)


def _one_thread_for_pictures() -> None:
    """OpenCV's own threads spin between calls, and the pieces of a frame are too small to be worth sharing."""
    import cv2

    cv2.setNumThreads(1)


def live_finder(config: Config, detector: Detector) -> Finder:
    """Looks for faces with a grid of tiles that is through within the live window."""
    tiles = config.faces.tiles_a_frame
    upright = TilingFinder(detector, tiles, most_tiles=config.window.live_frames * tiles)
    return LyingFinder(detector, upright)


def film(config: Config, detector: Detector, embedder: Embedder, people: Gallery = NOBODY) -> Pipeline:
    """A pipeline for a video file: the long window, no frame dropped."""
    _one_thread_for_pictures()
    finder = film_finder(config, detector)
    return Pipeline(finder, embedder, mask(config), people, settings(config, config.window.file_frames))


def film_finder(config: Config, detector: Detector) -> Finder:
    """Looks for faces in the whole picture and in tiles by turns, for half the work."""
    upright = TilingFinder(detector, config.faces.tiles_a_frame, MOST_FILM_TILES, in_turn=True)
    return LyingFinder(detector, upright)


def photo(config: Config, detector: Detector, embedder: Embedder, people: Gallery = NOBODY) -> Pipeline:
    """A pipeline for one photo: a clip of one frame, searched most thoroughly, stricter to show."""
    finder = PhotoFinder(detector)
    looks = replace(settings(config, 0, PHOTO), sure=GLIMPSED)
    return Pipeline(finder, embedder, mask(config), people, looks)
