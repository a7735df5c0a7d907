"""An enrolled person as stored, and what may be a name."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from appliance.core.faces import Embedding
from appliance.core.frames import RgbImage
from appliance.errors import InputError

NAME_MOST = 100
NOTE_MOST = 1000
"""Longest name and note, in characters: what a list on a phone can still show."""

JOINERS = "\u200c\u200d"
"""Invisible characters that belong into words of some scripts and into emoji."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person of the store. Times are epoch seconds; expires_at None means never."""

    id: str
    name: str
    note: str
    enabled: bool
    created_at: float
    expires_at: float | None
    photos: int
    """Templates stored."""
    rejected: int = 0
    """Photos stored of others who are not this person."""

    def shown_at(self, now: float) -> bool:
        """True when this person may be shown at epoch second `now`."""
        return self.enabled and (self.expires_at is None or self.expires_at > now)


Named = str | Enrolled
"""Somebody by a name, in any case; or as he was found, and then meant is he, whoever bears that name by now."""


class TakenError(InputError):
    """Somebody else has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"somebody is enrolled as {name!r} already; choose another name")


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """One photo's worth of a person: the embedding by one model, and the (112, 112, 3) crop it was made from."""

    model: str
    embedding: Embedding
    crop: RgbImage
    quality: float
    """0..1, as core.quality scores it."""
    turn: float
    """0 frontal .. 1 profile."""
    id: str = ""
    """Given by the store."""


@dataclass(frozen=True, slots=True, eq=False)
class Dossier:
    """A person with everything that is stored of him."""

    person: Enrolled
    templates: Sequence[Template]
    rejected: Sequence[Template] = ()
    """Of others who were taken for this person and are not."""


def clean_name(text: str) -> str:
    """The name as it is stored: NFC, single spaces; raises InputError for what cannot be shown as one line."""
    name = " ".join(_composed(text, "a name").split())
    if not any(unicodedata.category(char)[0] in "LNSP" for char in name):
        raise InputError("a name needs at least one letter, digit or sign")
    if len(name) > NAME_MOST:
        raise InputError(f"a name has at most {NAME_MOST} characters, this one has {len(name)}")
    return name


def clean_note(text: str) -> str:
    """The note as it is stored: NFC, one line; raises InputError as clean_name does."""
    note = " ".join(_composed(text, "a note").split())
    if len(note) > NOTE_MOST:
        raise InputError(f"a note has at most {NOTE_MOST} characters, this one has {len(note)}")
    return note


def same_name(name: str) -> str:
    """What two spellings of one name have in common: names are unique by this."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _composed(text: str, what: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    for char in composed:
        # Controls and direction marks could hide or reorder what a list shows; a lone surrogate cannot be stored.
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in JOINERS:
            raise InputError(f"{what} may not hold the invisible character U+{ord(char):04X}")
    return composed
