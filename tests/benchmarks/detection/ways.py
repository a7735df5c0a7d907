"""The ways the product looks at a picture: once, with tiles, and spread over the frames of a window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from appliance import assembly
from appliance.assembly import REACH_FRAMES
from appliance.core.faces import Face
from appliance.core.frames import Frame
from appliance.core.lookahead import Reach, awaiting, boxes_at, is_face, may_be_in
from appliance.core.tracking import Tracker
from appliance.core.tracks import GLIMPSED, SURE, Track
from appliance.faces import Detector
from appliance.finding import ALL_TILES, Finder, PhotoFinder, TilingFinder
from appliance.options import Config

Way = Callable[[Detector, Frame, Config], list[Face]]
"""Faces of a picture."""


def one_pass(detector: Detector, picture: Frame, _: Config) -> list[Face]:
    """What the network finds in the shrunken picture."""
    return TilingFinder(detector, 0, 0).find(picture)


def tiles(detector: Detector, picture: Frame, _: Config) -> list[Face]:
    """That, and every full-resolution tile."""
    return TilingFinder(detector, ALL_TILES, ALL_TILES).find(picture)


def photo(detector: Detector, picture: Frame, loaded: Config) -> list[Face]:
    """As `mofy redact` covers a photo: turned to each side, at every sharpness, and only what is surely a face."""
    return followed(PhotoFinder(detector), [picture], GLIMPSED)


def live(detector: Detector, picture: Frame, loaded: Config) -> list[Face]:
    """As the camera box: whole picture and rotating tiles over the live window."""
    return followed(assembly.live_finder(loaded, detector), _still(picture, loaded.window.live_frames))


def film(detector: Detector, picture: Frame, loaded: Config) -> list[Face]:
    """As `mofy redact` covers a video: whole picture and tiles in turn over the long window."""
    return followed(assembly.film_finder(loaded, detector), _still(picture, loaded.window.file_frames))


WAYS: dict[str, Way] = {
    "one pass": one_pass,
    "one pass and all tiles": tiles,
    "photo": photo,
    "live window": live,
    "film window": film,
}


def followed(finder: Finder, frames: Sequence[Frame], sure: float = SURE) -> list[Face]:
    """What is taken for a face, and reaches back to the first frame, once all are seen; the score is the best one."""
    tracker = Tracker(2 * len(frames) + REACH_FRAMES, REACH_FRAMES)
    for frame in frames:
        faces = finder.find(frame)
        tracker.follow(frame.index, faces, cut=False, crossings=False, turn_frames=finder.turn_frames)
    turn = finder.turn_frames
    reach = Reach(REACH_FRAMES, 0.0, sure, awaiting(frames[-1].index, turn), turn)
    return [_first(track, reach) for track in tracker.tracks if may_be_in(track, 0, reach) and is_face(track, reach)]


def _first(track: Track, reach: Reach) -> Face:
    box, _ = boxes_at(track, 0, reach)
    return Face(box, None, max(sighting.score for sighting in track.sightings))


def _still(picture: Frame, count: int) -> list[Frame]:
    return [replace(picture, index=index) for index in range(count)]
