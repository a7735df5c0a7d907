"""Of several looks at one person: no two of one photo, and nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from appliance.core.grouping import of_one
from appliance.enrolment.likeness import SAME_PERSON, SAME_PHOTO
from appliance.files import pictures
from appliance.store.people import Template

Seen = tuple[Path, Template]
"""A photo or clip, and what was seen in it."""

REJECTED = "was rejected as somebody else; `mofy people unreject` takes that back"
UNLIKE = "does not look like the person's other photos; if it is the same person, add it with --force"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A photo or clip that is not used, and why."""

    photo: Path
    reason: str
    code: str = "unreadable"
    """The same in one fixed word: of PhotoError, or "rejected", "stored", "double", "unlike"."""


def sifted(
    seen: Sequence[Seen],
    known: Sequence[Template],
    rejected: Sequence[Template],
    model: str,
    force: bool = False,
) -> tuple[list[Seen], list[Refusal]]:
    """What is left of the looks when doubles are out, and those unlike the others unless forced; see `look`."""
    known, rejected = ([one for one in group if one.model == model] for group in (known, rejected))
    kept, refused = _without_doubles(seen, known, rejected)
    if not force:
        kept, strangers = _agreeing(kept, known)
        refused += strangers
    return kept, refused


def _without_doubles(
    seen: Sequence[Seen], known: Sequence[Template], rejected: Sequence[Template]
) -> tuple[list[Seen], list[Refusal]]:
    kept: list[Seen] = []
    refused = []
    for photo, template in seen:
        twin = next((other for other, one in kept if _is_double(one, template)), None)
        if any(_is_double(one, template) for one in rejected):
            refused.append(Refusal(photo, REJECTED, "rejected"))
        elif any(_is_double(one, template) for one in known):
            refused.append(Refusal(photo, "is stored already, or one nearly the same", "stored"))
        elif twin is not None:
            refused.append(Refusal(photo, f"is nearly the same photo as {pictures.told(twin)}", "double"))
        else:
            kept.append((photo, template))
    return kept, refused


def _is_double(one: Template, other: Template) -> bool:
    return float(one.embedding @ other.embedding) >= SAME_PHOTO


def _agreeing(seen: Sequence[Seen], known: Sequence[Template]) -> tuple[list[Seen], list[Refusal]]:
    """Photos like the known templates, or like the photo most like the others; then those like any such, in turn."""
    if not seen:
        return [], []
    rows = np.stack([template.embedding for _, template in seen])
    own = of_one(rows, SAME_PERSON, [template.embedding for template in known])
    refused = [Refusal(photo, UNLIKE, "unlike") for (photo, _), is_own in zip(seen, own) if not is_own]
    return [look for look, is_own in zip(seen, own) if is_own], refused
