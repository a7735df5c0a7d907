"""Looks at faces: cut out, judged for quality, embedded together, and taken down as evidence of who a track is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from appliance.core.alignment import crop
from appliance.core.cohort import Cohort
from appliance.core.frames import Frame, RgbImage
from appliance.core.identity import Gallery, Levels, Verification, verify
from appliance.core.quality import measure
from appliance.core.tracks import Sighting, Track
from appliance.errors import ModelError
from appliance.faces import Embedder

MIN_QUALITY = 0.03
"""A look worse than this is not worth its time: it says nothing of who it is."""

UNIT_WITHIN = 1e-2
"""How far an embedding's length may be from 1."""

COHORT_QUALITY = 0.5
"""A stranger's look worse than this tells nothing of how alike people here look."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One track's face as it was in one frame."""

    track: Track
    frame: int
    crop: RgbImage
    quality: float


def look(track: Track, sighting: Sighting, frame: Frame) -> Look:
    """The track's face at a sighting, cut out of the frame it was seen in; the sighting must have landmarks."""
    assert sighting.landmarks is not None, "only faces with landmarks are looked at"
    aligned = crop(frame, sighting.landmarks)
    return Look(track, sighting.frame, aligned, measure(aligned, sighting.landmarks).score)


class Recogniser:
    """Remembers, for a few minutes and in memory only, the strangers in view."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._cohort = Cohort()
        self._last_proven = LastProven()

    def examine(self, looks: Sequence[Look], people: Gallery, levels: Levels, oldest: int) -> dict[int, Track]:
        """The tracks, by id, with the evidence of these looks; verifications before frame `oldest` are forgotten."""
        worth = [look for look in looks if look.quality >= MIN_QUALITY]
        if not worth:
            return {}
        judged = [
            self._judged(look, embedding, people, levels, oldest)
            for look, embedding in zip(worth, self._embedded(worth))
        ]
        return {track.id: track for track in judged}

    def study(self, looks: Sequence[Look]) -> tuple[tuple[Look, NDArray[np.float32]], ...]:
        """Each look worth it with its embedding; for whom is to be learned, not judged."""
        worth = [look for look in looks if look.quality >= MIN_QUALITY]
        return tuple(zip(worth, self._embedded(worth))) if worth else ()

    def _embedded(self, looks: Sequence[Look]) -> NDArray[np.float32]:
        """Unit rows, one a look; raises ModelError for anything else, which might be like anybody."""
        rows = self._embedder.embed(np.stack([look.crop for look in looks]))
        lengths = np.linalg.norm(rows, axis=-1)
        # Asked this way round, what is no number is nonsense too.
        if rows.ndim != 2 or len(rows) != len(looks) or not (np.abs(lengths - 1) <= UNIT_WITHIN).all():
            raise ModelError("the face embedder answered nonsense: one row of length 1 for each face was expected")
        return rows

    def learned(self, track: int) -> None:
        """Whoever this track is, he is no stranger any more."""
        self._cohort.drop(track)

    def _judged(
        self, look: Look, embedding: NDArray[np.float32], people: Gallery, levels: Levels, oldest: int
    ) -> Track:
        track, before = look.track, look.track.evidence
        self._cohort.forget(look.frame)
        since = before.since(look.frame)
        apart = self._cohort.stands_out(people, track.id, since)
        evidence = verify(before, people, levels, look.frame, embedding, look.quality, oldest, apart)
        latest = evidence.latest
        if latest is not None and latest.proven and self._last_proven.elsewhere(latest, track.id, since):
            evidence = evidence.doubted()
            latest = evidence.latest
        if latest is not None and latest.proven:
            self._cohort.drop(track.id)
            self._last_proven.note(latest, track.id)
        elif latest is not None and look.quality >= COHORT_QUALITY:
            self._cohort.saw(track.id, embedding, look.frame, claims=latest.person is not None)
        return replace(track, evidence=evidence)


class LastProven:
    """Where the enrolled were last proven to be: nobody is in two places at once."""

    def __init__(self) -> None:
        self._proven: dict[str, tuple[int, Verification]] = {}

    def note(self, said: Verification, track: int) -> None:
        """This verification has proven that the track is its person."""
        assert said.person is not None
        self._proven[said.person] = (track, said)

    def elsewhere(self, said: Verification, track: int, since: int) -> bool:
        """True when another track was proven to be the verification's person since that frame, by more similarity."""
        other, surer = self._proven.get(said.person or "", (track, said))
        return other != track and surer.frame >= since and surer.similarity > said.similarity
