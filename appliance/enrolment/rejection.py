"""Not this person: photos of somebody who was taken for an enrolled person, and is not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Embedding
from appliance.core.identity import unit
from appliance.enrolment.likeness import SAME_PHOTO, TWIN
from appliance.enrolment.sifting import Refusal
from appliance.enrolment.sitting import Sitting, reason
from appliance.enrolment.templates import Models, template
from appliance.errors import InputError, PhotoError
from appliance.store.people import Dossier, Template

MOST_COVERED = 0.5
"""Share of the person's own photos that may be nearer to a rejected one than to the person's other photos."""


def look(
    photos: Sequence[Path], models: Models, person: Dossier, choice: int | None = None, force: bool = False
) -> Sitting:
    """Check each photo by itself, against those rejected, and against the person, whom it must not cover.

    choice: the face to take, from 1, from left to right, in photos that hold several. force takes what may cover, too.
    """
    own = [one.embedding for one in person.templates if one.model == models.id]
    before = [one.embedding for one in person.rejected if one.model == models.id]
    accepted: list[tuple[Path, Template]] = []
    refused: list[Refusal] = []
    for photo in photos:
        try:
            seen = template(photo, models, choice)
            _check(seen.embedding, own, before, force)
            accepted.append((photo, seen))
            before.append(seen.embedding)
        except InputError as error:
            refused.append(Refusal(photo, reason(error, photo)))
    return Sitting(tuple(accepted), tuple(refused))


def _check(seen: Embedding, own: Sequence[Embedding], before: Sequence[Embedding], force: bool) -> None:
    if any(float(seen @ one) >= SAME_PHOTO for one in own):
        raise PhotoError("is stored as a photo of the person, or one nearly the same is")
    if any(float(seen @ one) >= SAME_PHOTO for one in before):
        raise PhotoError("is rejected already, or one nearly the same is")
    if own and not force and covered(np.stack(own), seen) > MOST_COVERED:
        raise PhotoError(
            "looks more like the person than the person's own photos do, who would be covered by it; "
            "if it is somebody else, reject it with --force"
        )


def covered(own: NDArray[np.float32], rejected: Embedding) -> float:
    """Share of a person's photos (n, d) that are no nearer to the rest of them than to the rejected one.

    A single photo has no rest: it counts as covered by whoever is as like it as only the person would be.
    """
    if len(own) == 1:
        return float(float(own[0] @ rejected) >= TWIN)
    rest = [unit(np.delete(own, row, axis=0).mean(axis=0)) for row in range(len(own))]
    return float(np.mean([float(photo @ rejected) >= float(photo @ others) for photo, others in zip(own, rest)]))


def count(photos: int) -> str:
    """In words."""
    return "1 photo" if photos == 1 else f"{photos} photos"
