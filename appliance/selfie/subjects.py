"""Who is in a clip, and who of them it is of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from appliance.core.identity import unit
from appliance.errors import PhotoError
from appliance.faces import Embedder
from appliance.portraits import CLEARLY_LARGER, embedded
from appliance.selfie.film import Stay
from appliance.selfie.looks import SAME_FACE, Picked

PASSER_BY_LOOKS = 3
"""Faces seen in fewer looks are slips of the detector, or nobody the clip is of."""


@dataclass(slots=True, eq=False)
class Subject:
    """One person of the clip: stays that are never at one time, and alike."""

    seen: dict[int, tuple[float, float]]
    looks: list[Picked]

    @property
    def weight(self) -> float:
        """How large, how long."""
        return _weight(self.seen)

    @property
    def place(self) -> float:
        """Mean x."""
        return float(np.mean([x for _, x in self.seen.values()]))

    def is_with(self, other: Subject) -> bool:
        """True when both are in one frame."""
        return not self.seen.keys().isdisjoint(other.seen)


def subjects(stays: Iterable[Stay], embedder: Embedder, looked: int) -> list[Subject]:
    """Who is in the clip, the largest and longest seen first; what was seen for a moment only is nobody."""
    least = min(PASSER_BY_LOOKS, looked)
    found: list[Subject] = []
    for stay in sorted(stays, key=lambda stay: _weight(stay.seen), reverse=True):
        looks = sorted(stay.looks.values(), key=lambda look: look.number)
        if len(stay.seen) < least or not looks:
            continue
        rows = embedded(embedder, [look.crop for look in looks])
        new = Subject(dict(stay.seen), [Picked(look, row) for look, row in zip(looks, rows)])
        same = next((one for one in found if not one.is_with(new) and _alike(one, new)), None)
        if same is None:
            found.append(new)
        else:
            same.seen.update(new.seen)
            same.looks += new.looks
    return sorted(found, key=lambda one: one.weight, reverse=True)


def _weight(seen: dict[int, tuple[float, float]]) -> float:
    return sum(area for area, _ in seen.values())


def _alike(first: Subject, second: Subject) -> bool:
    means = [unit(np.mean([look.embedding for look in one.looks], axis=0)) for one in (first, second)]
    return float(means[0] @ means[1]) >= SAME_FACE


def chosen(subjects: Sequence[Subject], choice: int | None) -> Subject:
    """The subject meant; raises PhotoError when that is not plain."""
    if not subjects:
        raise PhotoError("no face was found that is large, sharp and light enough", "none")
    main = subjects[0]
    rivals = [one for one in subjects[1:] if one.weight * CLEARLY_LARGER > main.weight]
    # Who has the picture to himself counts by time alone.
    long = [one for one in subjects[1:] if len(one.seen) * CLEARLY_LARGER > len(main.seen)]
    if any(not one.is_with(main) for one in (*rivals, *long)):
        raise PhotoError("shows different people one after the other; cut it so that it shows one person", "others")
    # The same count whether a choice is asked for or made.
    faces = sorted([main, *(one for one in subjects[1:] if one in rivals or one in long)], key=lambda one: one.place)
    count = "one face" if len(faces) == 1 else f"{len(faces)} faces"
    if choice is not None:
        if not 1 <= choice <= len(faces):
            raise PhotoError(f"shows {count}; there is no face {choice} from the left", "many")
        return faces[choice - 1]
    if rivals:
        raise PhotoError(
            f"shows {count} and none is clearly the largest; choose with --face 1 (leftmost) to "
            f"--face {len(faces)} (rightmost)",
            "many",
        )
    return main
