"""Who is it? Evidence gathered over a track, compared with the enrolled; the verdict for one frame.

A run is an unbroken stretch of verifications that all said the same (a person, or nobody). A frame shows a person
only between two verifications of one run that was proven: averaged over the run, alike enough for that very person.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Embedding
from appliance.core.levels import PHOTO, STRICT, Levels
from appliance.core.people import NOBODY, SPREAD_RANGE, Gallery, Person, clarity, gallery, spread, unit

__all__ = [
    "NOBODY",
    "PHOTO",
    "RUN_MEMORY",
    "SPREAD_RANGE",
    "STRICT",
    "VEIL",
    "Evidence",
    "Gallery",
    "Levels",
    "Person",
    "Verdict",
    "Verification",
    "clarity",
    "gallery",
    "judge",
    "spread",
    "unit",
    "verify",
]

RUN_MEMORY = 0.90
"""Weight an older embedding keeps at each newer one: the average follows the face that is there now."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What one look at a track said. Person None: nobody enrolled."""

    frame: int
    person: str | None
    similarity: float
    """Of the run's average to the person, or the nearest person when None."""
    quality: float
    run: int
    proven: bool
    """True when the run was proven by then."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look: its embedding of unit length, its quality, and the share of its similarity that this leaves."""

    embedding: Embedding
    quality: float
    clear: float


@dataclass(frozen=True, slots=True)
class Average:
    """The looks of a run: their sum, weighted by quality and fading, and what it is worth."""

    total: Embedding
    weight: float
    clears: float
    """Of the looks' clarities, summed and weighted as the looks themselves."""
    count: int

    @property
    def clear(self) -> float:
        """The looks' mean clarity."""
        return self.clears / max(self.weight, 1e-9)

    def likeness(self, people: Gallery) -> tuple[int, float]:
        """The row of the most similar person, and how similar."""
        similarities = people.centres @ unit(self.total)
        row = int(np.argmax(similarities))
        return row, float(similarities[row])


def averaged(before: Average | None, seen: Seen) -> Average:
    """The average with one more look, or of this look alone."""
    look = seen.embedding * np.float32(seen.quality)
    if before is None:
        return Average(look, seen.quality, seen.quality * seen.clear, 1)
    return Average(
        before.total * np.float32(RUN_MEMORY) + look,
        before.weight * RUN_MEMORY + seen.quality,
        before.clears * RUN_MEMORY + seen.quality * seen.clear,
        before.count + 1,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All that is known of who a track is. Embeddings live here only, in memory, as one running average."""

    verifications: tuple[Verification, ...] = ()
    run: int = 0
    average: Average | None = None
    """Of the present run's looks."""
    nobody_looks: int = 0
    """Looks in a row that found nobody enrolled."""
    broken_at: int = -1
    still_breaking: bool = False
    """True when the frame before was a break too: looking now would be wasted."""

    def broken(self, frame: int) -> Evidence:
        """Evidence starts anew at this frame: what was said before no longer counts for what comes."""
        again = self.broken_at >= frame - 1 and self.broken_at >= 0
        return replace(self, run=self.run + 1, average=None, nobody_looks=0, broken_at=frame, still_breaking=again)

    def claims(self, people: Set[str]) -> bool:
        """True when the present run says that it is one of these people."""
        return self.latest is not None and self.latest.person in people

    def doubted(self) -> Evidence:
        """The same, the newest verification proving nothing."""
        return replace(self, verifications=(*self.verifications[:-1], replace(self.verifications[-1], proven=False)))

    def since(self, frame: int) -> int:
        """Frame of the present run's first verification that is remembered, or this frame."""
        return next((said.frame for said in self.verifications if said.run == self.run), frame)

    @property
    def latest(self) -> Verification | None:
        """The newest verification of the present run, or None."""
        if self.verifications and self.verifications[-1].run == self.run:
            return self.verifications[-1]
        return None


def verify(
    evidence: Evidence,
    people: Gallery,
    levels: Levels,
    frame: int,
    embedding: Embedding,
    quality: float,
    oldest: int,
    stands_out: NDArray[np.float64] | None = None,
) -> Evidence:
    """Evidence with one more look (embedding of unit length); verifications before frame `oldest` are forgotten.

    stands_out: (p,) similarities from the cohort in view, or None while it is not known.
    """
    latest, run = evidence.latest, evidence.run
    seen = Seen(embedding, quality, clarity(quality) if levels.allows_for_quality else 1.0)
    average = averaged(evidence.average, seen)
    person = _says(people, levels, average, seen) if _goes_on(people, levels, evidence.average, seen) else None
    if latest is not None and (person is None or person != latest.person):
        if latest.person is not None and quality < levels.contradicts and np.isfinite(embedding).all():
            return evidence
        # Whoever this is now, only this look speaks for him; what was nobody's is never averaged.
        run, average = run + 1, averaged(None, seen)
        person = _says(people, levels, average, seen)
    was_proven = latest is not None and latest.run == run and latest.proven
    proven = person is not None and (was_proven or _proves(people, levels, average, stands_out))
    said = Verification(frame, person, average.likeness(people)[1], quality, run, proven)
    recent = tuple(v for v in evidence.verifications if v.frame >= oldest)
    looks = evidence.nobody_looks + 1 if person is None else 0
    return replace(evidence, verifications=(*recent, said), run=run, average=average, nobody_looks=looks)


def _goes_on(people: Gallery, levels: Levels, run: Average | None, seen: Seen) -> bool:
    """True when the look is like its run, or alone enough to prove a photo."""
    if run is None or float(unit(run.total) @ seen.embedding) >= levels.continuity:
        return True
    row, _ = averaged(run, seen).likeness(people)
    return float(people.centres[row] @ seen.embedding) >= levels.prove * people.expected(row, 1, seen.clear)


def _says(people: Gallery, levels: Levels, average: Average, seen: Seen) -> str | None:
    """The id of the person that average and look are both like."""
    row, similarity = average.likeness(people)
    person, alone = people.people[row], float(people.centres[row] @ seen.embedding)
    # Asked this way round, what is no number is like nobody.
    on_average = similarity >= max(levels.sustain * people.expected(row, average.count, average.clear), levels.floor)
    by_itself = alone >= max(levels.agree * people.expected(row, 1, seen.clear), levels.floor)
    # The average needs no asking: it is a sum of looks that were each nearer to the person.
    return person.id if on_average and by_itself and not person.mistaken(seen.embedding, alone) else None


def _proves(people: Gallery, levels: Levels, average: Average, stands_out: NDArray[np.float64] | None) -> bool:
    row, similarity = average.likeness(people)
    expected = people.expected(row, average.count, average.clear)
    level = levels.prove * expected
    if stands_out is not None:
        apart = max(float(stands_out[row]) * average.clear, levels.prove_apart * expected)
        level = min(apart, levels.prove_alike * expected)
    level *= 1 + levels.eager / average.count
    return average.count >= levels.evidence and similarity >= max(level, levels.prove_floor)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to one face in one frame: covered unless a person is named."""

    person: str | None = None
    similarity: float = field(default=0.0)

    @property
    def shows(self) -> bool:
        """True when the face stays bare."""
        return self.person is not None


VEIL = Verdict()


def judge(evidence: Evidence, frame: int, bracket: int) -> Verdict:
    """SHOW only between two verifications, at most `bracket` frames apart, of one proven run that said one person."""
    if not evidence.verifications:
        return VEIL
    before = after = None
    for said in evidence.verifications:
        if said.frame <= frame:
            before = said
        if said.frame >= frame and after is None:
            after = said
    if before is None or after is None or before.person is None:
        return VEIL
    if before.run != after.run or before.person != after.person or after.frame - before.frame > bracket:
        return VEIL
    if not any(said.run == before.run and said.proven for said in evidence.verifications):
        return VEIL
    return Verdict(before.person, min(before.similarity, after.similarity))
