"""One trial: somebody enrolled, a face looked at once or several times; was it shown, and how alike was it?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from appliance.core.identity import Gallery, Levels, Person, gallery, unit
from appliance.core.tracks import Track
from appliance.faces import Embedder
from appliance.recognition import Look, Recogniser
from tests.benchmarks.pairs import Difference, paired
from tests.benchmarks.rates import Rate, grouped, operating_point

FALSE_ACCEPTS = (1e-2, 1e-3, 1e-4)


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one face before one gallery."""

    enrolled: str
    seen: str
    shown: bool
    """Same person: shown as himself. Another: shown as anybody."""
    similarity: float
    """Of the person's centre to the mean of the looks, whatever the product made of it."""

    @property
    def same(self) -> bool:
        """True when the face is the enrolled person's."""
        return self.enrolled == self.seen


@dataclass(frozen=True, slots=True)
class Outcome:
    """Trials summed up."""

    true_accepts: Rate
    false_accepts: Rate
    points: tuple[tuple[float, float] | None, ...]
    """(TAR, threshold) of the raw similarity at each of FALSE_ACCEPTS."""


def proven(sequences: Sequence[Sequence[Look]], people: Gallery, levels: Levels, embedder: Embedder) -> list[set[str]]:
    """Whom the recogniser proved each face to be, when they are looked at side by side, one look each a frame."""
    recogniser = Recogniser(embedder)
    tracks = [replace(looks[0].track, id=number) for number, looks in enumerate(sequences)]
    for frame in range(max(len(looks) for looks in sequences)):
        due = [
            replace(looks[frame], track=track, frame=frame)
            for track, looks in zip(tracks, sequences)
            if frame < len(looks)
        ]
        updated = recogniser.examine(due, people, levels, 0)
        tracks = [updated.get(track.id, track) for track in tracks]
    return [_names(track) for track in tracks]


def alone(person: Person, seen: str, looks: Sequence[Look], levels: Levels, embedder: Embedder) -> Trial:
    """One face with nobody else in view."""
    people = gallery([person])
    (names,) = proven([looks], people, levels, embedder)
    return Trial(person.id, seen, bool(names), similarity(people, looks, embedder))


def together(
    people: Sequence[Person], seen: Sequence[tuple[str, Sequence[Look]]], levels: Levels, embedder: Embedder
) -> Iterator[Trial]:
    """Faces in view at the same time. Of several enrolled, each face is tried before the one whose name it has."""
    known = gallery(people)
    answers = proven([looks for _, looks in seen], known, levels, embedder)
    for (who, _), names in zip(seen, answers):
        if len(people) == 1:
            yield Trial(people[0].id, who, bool(names), np.nan)
        else:
            yield Trial(who, who, who in names, np.nan)
            yield Trial("somebody else", who, bool(names - {who}), np.nan)


def similarity(people: Gallery, looks: Sequence[Look], embedder: Embedder) -> float:
    """Of the first person's centre to the plain mean of the looks."""
    embeddings = embedder.embed(np.stack([look.crop for look in looks]))
    return float(people.centres[0] @ unit(embeddings.mean(axis=0)))


def outcome(trials: Sequence[Trial]) -> Outcome:
    """Rates with their bounds (trials of the same two people are alike), and the similarity's operating points."""
    same = [trial for trial in trials if trial.same]
    different = [trial for trial in trials if not trial.same]
    scores = [np.array([trial.similarity for trial in group], float) for group in (same, different)]
    scored = all(np.isfinite(group).all() for group in scores)
    points = tuple(operating_point(scores[0], scores[1], share) if scored else None for share in FALSE_ACCEPTS)
    return Outcome(_rate(same), _rate(different), points)


def beside(trials: Sequence[Trial], other: Sequence[Trial], *, same: bool) -> Difference:
    """How much more often faces are shown than in the other list, of the person or of others.

    Paired in order where both lists have as many trials of the same two people; what only one of them has is left out.
    """
    mine, theirs = (_grouped([trial for trial in some if trial.same == same]) for some in (trials, other))
    return paired(
        {
            key: list(zip(theirs[key], own))
            for key, own in mine.items()
            if key in theirs and len(theirs[key]) == len(own)
        }
    )


def chunks(looks: Sequence[Look], size: int, most: int) -> list[list[Look]]:
    """At most `most` disjoint pieces of `size` looks, in order; what is left over is not used."""
    pieces = [list(looks[at : at + size]) for at in range(0, len(looks) - size + 1, size)]
    return pieces[:most]


def _rate(trials: Sequence[Trial]) -> Rate:
    return grouped(_grouped(trials))


def _grouped(trials: Sequence[Trial]) -> dict[object, list[bool]]:
    groups: dict[object, list[bool]] = {}
    for trial in trials:
        groups.setdefault((trial.enrolled, trial.seen), []).append(trial.shown)
    return groups


def _names(track: Track) -> set[str]:
    return {said.person for said in track.evidence.verifications if said.proven and said.person is not None}
