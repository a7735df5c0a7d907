"""Who is it? Evidence gathered over a track, compared with the enrolled; the verdict for one frame.

A run is an unbroken stretch of verifications that all said the same (a person, or nobody). A frame shows a person
only between two verifications of one run that was proven: averaged over the run, alike enough for that very person.
"""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Embedding

PRIOR_SPREAD = 0.50
"""Similarity expected between two photos of one person, before his own photos say otherwise."""

PRIOR_WEIGHT = 3.0
"""How many pairs of photos that expectation is worth."""

SPREAD_RANGE = (0.45, 0.75)
"""Bounds of a person's spread: near-identical photos must not ask for the impossible, wild ones not for nothing."""

RUN_MEMORY = 0.90
"""Weight an older embedding keeps at each newer one: the average follows the face that is there now."""

FRAME_WORTH = 0.25
"""What each further frame of a run is worth beside the first: neighbours are much the same picture."""

RUN_WORTH = 2.0
"""Independent pictures that a run's average is worth at most: one shot is one light, one hair, one mood."""

CLEAR_AT = 0.21
"""Quality at which a look keeps 1 - 1/e of its similarity. Measured on 283 photos of LFW made small, unsharp, dark and
coarse in 12 ways each: of quality 0.15, 0.25, 0.35, 0.45, 0.65, 0.9 they kept 0.59, 0.71, 0.79, 0.86, 0.93, 0.98 of
their similarity to the person's others, and to their own originals a little less: it is lost to all alike."""


def clarity(quality: float) -> float:
    """Share of its similarity, to whomever, that a look of this quality keeps."""
    return 1.0 - math.exp(-max(quality, 0.0) / CLEAR_AT)


@dataclass(frozen=True, slots=True)
class Levels:
    """How alike is alike enough, as shares of what the person's own photos predict, and floors for all."""

    prove: float = 0.86
    """Averaged similarity that proves a run while nothing is known of how alike people here look."""
    prove_apart: float = 0.70
    """The same at the least, however little the others here look like the person."""
    prove_alike: float = 0.95
    """The same at the most, however alike they look."""
    prove_floor: float = 0.42
    """No run is ever proven below this (LFW's highest impostor average lies below it)."""
    sustain: float = 0.60
    """Averaged similarity that a run must keep."""
    agree: float = 0.50
    """Similarity a single frame needs to agree with its run."""
    continuity: float = 0.30
    """Similarity of a look to the run's own average, unless it would prove a photo: who takes a place is seldom that
    like the one before."""
    floor: float = 0.30
    """No other level is ever lower: of a thousand looks at strangers of LFW two or three lie above it."""
    evidence: int = 3
    """Agreeing verifications before the first SHOW."""
    eager: float = 0.3
    """How much more (as a share, divided by the looks) is asked of an average of few looks: it is chance as well."""
    allows_for_quality: bool = True
    """Small and unsharp faces are less like anybody: less is asked of them."""
    contradicts: float = 0.45
    """A look of a lower quality than this that disagrees says nothing: a turned or blurred face is like nobody."""


PHOTO = Levels(
    prove=0.88,
    prove_apart=0.88,
    prove_alike=0.88,
    sustain=0.88,
    agree=0.88,
    floor=0.42,
    evidence=1,
    eager=0.0,
    allows_for_quality=False,
)
"""A photo is a clip of one frame: one verification must do, so it is stricter."""

STRICT = Levels(prove=0.90, prove_apart=0.80, contradicts=0.35)
"""Of two networks together, which err on different faces: the enrolled reach more, look-alikes less."""


@dataclass(frozen=True, slots=True)
class Person:
    """An enrolled person as the gallery takes it: templates (n, d) unit rows; expires_at in epoch seconds or None."""

    id: str
    name: str
    templates: NDArray[np.float32]
    expires_at: float | None = None
    rejected: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 1), np.float32))
    """(k, d) unit rows of others who were taken for this person and are not."""

    def mistaken(self, embedding: Embedding, similarity: float) -> bool:
        """True when a look, of this similarity to the person's centre, is nearer to somebody who was rejected."""
        # Asked this way round, what is no number is taken for a mistake.
        return bool(len(self.rejected)) and not float(np.max(self.rejected @ embedding)) < similarity


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Everybody who may be shown; immutable. Centres are (p, d) unit rows, one a person."""

    people: tuple[Person, ...]
    centres: NDArray[np.float32]
    spreads: tuple[float, ...]

    def has(self, person: str, now: float) -> bool:
        """True when the person is enrolled and not expired at epoch second `now`."""
        return any(p.id == person and (p.expires_at is None or p.expires_at > now) for p in self.people)

    def unchanged(self, other: Gallery) -> frozenset[str]:
        """Ids of those whom both galleries know by the very same looks; names and expiry may differ."""
        theirs = {person.id: person for person in other.people}
        return frozenset(
            p.id
            for p in self.people
            if p.id in theirs
            and np.array_equal(p.templates, theirs[p.id].templates)
            and np.array_equal(p.rejected, theirs[p.id].rejected)
        )

    def name(self, person: str) -> str:
        """The person's name; raises KeyError for a stranger."""
        for known in self.people:
            if known.id == person:
                return known.name
        raise KeyError(person)

    def expected(self, row: int, looks: int, clear: float = 1.0) -> float:
        """Similarity foretold between the person's centre and a run's average of so many looks of this clarity.

        sqrt(p / (p + (1-p)/n) * s / (s + (1-s)/m)) with p the similarity of two good pictures, s = p clear^2 that of
        two such looks, n templates, m pictures.
        """
        p, n = self.spreads[row], len(self.people[row].templates)
        s = p * max(clear, 0.05) ** 2
        m = min(1 + FRAME_WORTH * (looks - 1), RUN_WORTH)
        return math.sqrt(p / (p + (1 - p) / n) * s / (s + (1 - s) / m))


def gallery(people: Sequence[Person]) -> Gallery:
    """A gallery of these people; people without templates are left out."""
    known = tuple(person for person in people if len(person.templates))
    if not known:
        return NOBODY
    centres = np.stack([unit(person.templates.mean(axis=0)) for person in known])
    return Gallery(known, centres, tuple(spread(person.templates) for person in known))


def spread(templates: NDArray[np.float32]) -> float:
    """How alike two pictures of this person are expected to be, from all pairs of templates and the prior."""
    n = len(templates)
    pairs = n * (n - 1) / 2
    mean = (float((templates @ templates.T).sum()) - n) / (2 * pairs) if pairs else 0.0
    blended = (mean * pairs + PRIOR_SPREAD * PRIOR_WEIGHT) / (pairs + PRIOR_WEIGHT)
    return min(max(blended, SPREAD_RANGE[0]), SPREAD_RANGE[1])


def unit(vector: NDArray[np.float32]) -> Embedding:
    """The vector at length 1; a zero vector stays zero and is like nobody."""
    length = float(np.linalg.norm(vector))
    return vector.astype(np.float32) / np.float32(length) if length > 0 else vector.astype(np.float32)


NOBODY = Gallery((), np.zeros((0, 1), np.float32), ())
"""The empty gallery: everyone is covered."""


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


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All that is known of who a track is. Embeddings live here only, in memory, as one running sum."""

    verifications: tuple[Verification, ...] = ()
    run: int = 0
    total: Embedding | None = None
    weight: float = 0.0
    """Qualities summed as the total is, and the clarities weighted by them."""
    clear: float = 0.0
    count: int = 0
    nobody_looks: int = 0
    """Looks in a row that found nobody enrolled."""
    broken_at: int = -1
    still_breaking: bool = False
    """True when the frame before was a break too: looking now would be wasted."""

    def broken(self, frame: int) -> Evidence:
        """Evidence starts anew at this frame: what was said before no longer counts for what comes."""
        again = self.broken_at >= frame - 1 and self.broken_at >= 0
        return replace(
            self,
            run=self.run + 1,
            total=None,
            weight=0.0,
            clear=0.0,
            count=0,
            nobody_looks=0,
            broken_at=frame,
            still_breaking=again,
        )

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
    latest = evidence.latest
    run, total, count = evidence.run, evidence.total, evidence.count + 1
    look = embedding * np.float32(quality)
    clear_look = clarity(quality) if levels.allows_for_quality else 1.0
    kept = RUN_MEMORY if total is not None else 0.0
    weight, clear = evidence.weight * kept + quality, evidence.clear * kept + quality * clear_look
    total = look if total is None else total * np.float32(RUN_MEMORY) + look
    row, similarity = _nearest(people, total)
    person = _says(people, levels, row, similarity, embedding, count, clear / max(weight, 1e-9), clear_look)
    if evidence.total is not None and not float(unit(evidence.total) @ embedding) >= levels.continuity:
        alone = float(people.centres[row] @ embedding)
        if not alone >= levels.prove * people.expected(row, 1, clear_look):
            person = None
    if latest is not None and (person is None or person != latest.person):
        if latest.person is not None and quality < levels.contradicts and np.isfinite(embedding).all():
            return evidence
        # Whoever this is now, only this look speaks for him; what was nobody's is never averaged.
        run, total, count = run + 1, look, 1
        weight, clear = quality, quality * clear_look
        row, similarity = _nearest(people, total)
        person = _says(people, levels, row, similarity, embedding, count, clear_look, clear_look)
    was_proven = latest is not None and latest.run == run and latest.proven
    proven = person is not None and (
        was_proven or _proves(people, levels, row, similarity, count, clear / max(weight, 1e-9), stands_out)
    )
    said = Verification(frame, person, similarity, quality, run, proven)
    recent = tuple(v for v in evidence.verifications if v.frame >= oldest)
    looks = evidence.nobody_looks + 1 if person is None else 0
    return replace(
        evidence,
        verifications=(*recent, said),
        run=run,
        total=total,
        weight=weight,
        clear=clear,
        count=count,
        nobody_looks=looks,
    )


def _nearest(people: Gallery, total: Embedding) -> tuple[int, float]:
    similarities = people.centres @ unit(total)
    row = int(np.argmax(similarities))
    return row, float(similarities[row])


def _says(
    people: Gallery,
    levels: Levels,
    row: int,
    similarity: float,
    embedding: Embedding,
    count: int,
    clear: float,
    clear_look: float,
) -> str | None:
    person, similarity_alone = people.people[row], float(people.centres[row] @ embedding)
    # Asked this way round, what is no number is like nobody.
    averaged = similarity >= max(levels.sustain * people.expected(row, count, clear), levels.floor)
    alone = similarity_alone >= max(levels.agree * people.expected(row, 1, clear_look), levels.floor)
    # The average needs no asking: it is a sum of looks that were each nearer to the person.
    return person.id if averaged and alone and not person.mistaken(embedding, similarity_alone) else None


def _proves(
    people: Gallery,
    levels: Levels,
    row: int,
    similarity: float,
    count: int,
    clear: float,
    stands_out: NDArray[np.float64] | None,
) -> bool:
    expected = people.expected(row, count, clear)
    level = levels.prove * expected
    if stands_out is not None:
        level = min(max(float(stands_out[row]) * clear, levels.prove_apart * expected), levels.prove_alike * expected)
    level *= 1 + levels.eager / count
    return count >= levels.evidence and similarity >= max(level, levels.prove_floor)


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
