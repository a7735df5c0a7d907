"""What is seen instead of a picture: the box's name, what it is doing, the time, where it can be reached.

Two kinds that cannot be mixed up. A `Notice` may leave the box, so it has no place for a secret. A `LocalNotice` may
hold passwords and keys; what is drawn of it is a `LocalPicture`, which no stream, file or preview takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.core.frames import Frame, Plane
from appliance.core.slate_drawing import Content, Modules, draw


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code that anybody may read, and what stands below it."""

    caption: str
    modules: Modules


@dataclass(frozen=True, slots=True)
class SecretCode:
    """A QR code that lets its reader in; for the local display only."""

    caption: str
    modules: Modules


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is: "Page", "http://192.168.0.12:8080"."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Secret:
    """A line that lets its reader in: "PIN", "482913"; for the local display only."""

    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Words:
    """What the box is doing, in one language."""

    title: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What everybody may know."""

    name: str
    words: tuple[Words, ...]
    """Once for each language."""
    clock: str = ""
    places: tuple[Place, ...] = ()
    codes: tuple[Code, ...] = ()
    alert: bool = False
    """True when somebody should look after the box."""


@dataclass(frozen=True, slots=True)
class LocalNotice:
    """A notice, and what only those who stand before the box may know."""

    notice: Notice
    secrets: tuple[Secret, ...] = ()
    codes: tuple[SecretCode, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class LocalPicture:
    """I420 planes for the box's own display, and for nothing else: it is no Frame, so `veil` and sinks refuse it."""

    y: Plane
    u: Plane
    v: Plane


def slate(notice: Notice, width: int, height: int) -> Frame:
    """An I420 frame of that size, fit to leave the box; raises TypeError for whatever may hold a secret."""
    if type(notice) is not Notice or any(type(part) not in (Place, Code) for part in (*notice.places, *notice.codes)):
        raise TypeError("a slate that may leave the box holds no secret")
    return draw(_content(notice, (), notice.codes), width, height)


def local_slate(local: LocalNotice, width: int, height: int) -> LocalPicture:
    """I420 planes of that size with the secrets too, for the local display alone."""
    frame = draw(_content(local.notice, local.secrets, (*local.notice.codes, *local.codes)), width, height)
    return LocalPicture(frame.y, frame.u, frame.v)


def _content(notice: Notice, secrets: Sequence[Secret], codes: Sequence[Code | SecretCode]) -> Content:
    rows = [(place.label, place.address) for place in notice.places]
    rows += [(secret.label, secret.words) for secret in secrets]
    return Content(
        notice.name,
        tuple((words.title, words.detail) for words in notice.words),
        notice.clock,
        tuple(rows),
        tuple((code.caption, code.modules) for code in codes),
        notice.alert,
    )
