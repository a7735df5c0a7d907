"""When a track may have become somebody else's: a jump, a gap, a crossing. Then evidence of who it is starts anew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from appliance.core.places import distances, foretold
from appliance.core.tracks import Track

JUMP = 0.55
"""A sighting this far (in face sizes) from its foretold place may be somebody else."""

CROSSING = 0.75
"""Two tracks whose centres are this near (in mean face sizes) may swap."""

GAP_FRAMES = 4
"""A track unseen for more frames than this may come back as somebody else."""


def parts(track: Track, frame: int) -> bool:
    """True for a stranger who would have to leap: it may be another face, so both places stay covered."""
    if track.evidence.latest is not None and track.evidence.latest.person is not None:
        return False
    return track.steady or frame - track.last.frame > GAP_FRAMES


def doubted(track: Track, frame: int, leaps: bool) -> Track:
    """The track as it is when it is seen again in this frame: doubted after a leap or a gap."""
    return track.doubted(frame) if leaps or frame - track.last.frame > GAP_FRAMES else track


def doubted_at_crossings(tracks: Sequence[Track], frame: int) -> list[Track]:
    """The tracks, each doubted that is so near another one that the two could have swapped."""
    if len(tracks) < 2:
        return list(tracks)
    places = foretold(tracks, frame)
    apart = distances(places, places)
    near = apart < CROSSING * (places.sizes[:, None] + places.sizes) / 2
    np.fill_diagonal(near, False)
    # What is not even taken for a face swaps with nobody.
    near &= np.array([track.is_face() for track in tracks])[None, :]
    crossing = np.asarray(near.any(axis=1))
    return [track.doubted(frame) if crosses else track for track, crosses in zip(tracks, crossing)]
