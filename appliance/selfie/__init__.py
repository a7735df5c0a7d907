"""A clip of one person: who it is of, and his sharpest and least alike looks.

About ten frames a second are looked at. Faces are followed through them; what becomes of a face that was lost for a
moment is told by how alike it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from appliance.faces import Detector, Embedder
from appliance.selfie.film import MOST_SECONDS, Film
from appliance.selfie.keeping import diverse, of_one_person
from appliance.selfie.looks import VIEWS, Look, Picked, View
from appliance.selfie.subjects import chosen, subjects

__all__ = ["MOST_SECONDS", "VIEWS", "Clip", "Look", "Picked", "View", "pick"]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """What a clip has to give."""

    picked: tuple[Picked, ...]
    """The best look first, then what is least like the ones before."""
    looked: int
    """Frames looked at."""
    cut_short: bool
    """True when only the first MOST_SECONDS were looked at."""


def pick(path: Path, detector: Detector, embedder: Embedder, choice: int | None = None) -> Clip:
    """The looks worth keeping of the clip's main face, or the choice-th (from 1) from the left.

    Raises PhotoError when there is no such face or it is not plain whose clip it is, InputError for what is no video.
    """
    film = Film(detector)
    film.watch(path)
    whose = chosen(subjects(film.stays.values(), embedder, film.looked), choice)
    return Clip(tuple(diverse(of_one_person(whose.looks))), film.looked, film.cut_short)
