"""What boxes tell each other of a person, as bytes: a JSON head of known length, then the blobs it lists.

Whoever reads it trusts the sender to be a member and nothing else: every field is checked, every crop decoded.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance.core.replication import GONE, MOST_COUNTER, Revision
from appliance.errors import InputError, MofyError
from appliance.store.people import clean_name, clean_note
from appliance.store.records import Table, unpacked
from appliance.store.shared import Face, Heard, Person

VERSION = 1

MOST_FACES = 400
"""Of one person; more would not fit into a message either."""

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
Epoch = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Bytes = Annotated[int, Field(ge=0, le=2**20)]


class NewerError(Exception):
    """Told by a newer MOFY, in words this one does not know."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Face(_Part):
    id: Id
    table: Table
    model: Annotated[str, Field(min_length=1, max_length=100)]
    quality: Share
    turn: Share
    created_at: Epoch
    sizes: tuple[Bytes, Bytes]


class _Person(_Part):
    name: str
    note: str
    enabled: bool
    created_at: Epoch
    expires_at: Epoch | None
    faces: Annotated[list[_Face], Field(max_length=MOST_FACES)]


class _Revision(_Part):
    counter: Annotated[int, Field(ge=1, le=MOST_COUNTER)]
    box: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class _Told(_Part):
    version: int
    person: Id
    revision: _Revision | None
    """None: gone."""
    about: _Person | None = None


def told(heard: Heard) -> bytes:
    """The bytes of what a box says of a person."""
    person, revision = heard.person, heard.revision
    if person is None:
        return _joined({"version": VERSION, "person": heard.id, "revision": None}, [])
    about: dict[str, Any] = {
        "name": person.name,
        "note": person.note,
        "enabled": person.enabled,
        "created_at": person.created_at,
        "expires_at": person.expires_at,
        "faces": [_described(face) for face in person.faces],
    }
    stamp = {"counter": revision.counter, "box": revision.box, "nonce": revision.nonce}
    head = {"version": VERSION, "person": heard.id, "revision": stamp, "about": about}
    return _joined(head, [blob for face in person.faces for blob in (face.embedding, face.crop)])


def revision(content: bytes, person: str) -> Revision:
    """The version of what is said of this person; raises as `understood` does, which alone looks at the photos."""
    with _sense(person):
        meant = _head(content, person).revision
        return GONE if meant is None else Revision(False, meant.counter, meant.box, meant.nonce)


def understood(content: bytes, person: str) -> Heard:
    """What is said of the person of this id; raises InputError for what makes no sense, NewerError."""
    with _sense(person):
        meant = _head(content, person)
        if meant.revision is None:
            return Heard(person, GONE, None)
        if meant.about is None:
            raise InputError("it says nothing of the person")
        blobs = content[4 + int.from_bytes(content[:4], "big") :]
        return Heard(person, revision(content, person), _person(person, meant.about, blobs))


@contextmanager
def _sense(person: str) -> Iterator[None]:
    """A block that reads what was told: whatever is wrong with it is an InputError."""
    try:
        yield
    except (ValidationError, MofyError, ValueError, RecursionError) as error:
        raise InputError(f"what was told of person {person} makes no sense ({_first_line(error)})") from None


def _head(content: bytes, person: str) -> _Told:
    head = content[4:][: int.from_bytes(content[:4], "big")]
    described = json.loads(head)
    if isinstance(described, dict) and isinstance(described.get("version"), int) and described["version"] > VERSION:
        raise NewerError
    meant = _Told.model_validate_json(head)
    if meant.person != person:
        raise InputError("it is about somebody else")
    return meant


def _joined(head: dict[str, Any], blobs: list[bytes]) -> bytes:
    text = json.dumps(head, ensure_ascii=False).encode()
    return b"".join((len(text).to_bytes(4, "big"), text, *blobs))


def _described(face: Face) -> dict[str, Any]:
    described = asdict(face)
    described["sizes"] = [len(described.pop("embedding")), len(described.pop("crop"))]
    # What rounding made of a share is a share.
    return described | {name: min(max(described[name], 0.0), 1.0) for name in ("quality", "turn")}


def _person(person: str, about: _Person, blobs: bytes) -> Person:
    faces, at = [], 0
    for face in about.faces:
        embedding_bytes, crop_bytes = face.sizes
        embedding, crop = blobs[at:][:embedding_bytes], blobs[at + embedding_bytes :][:crop_bytes]
        at += embedding_bytes + crop_bytes
        faces.append(_face(face, embedding, crop))
    if at != len(blobs):
        raise InputError("its photos are not as long as it says")
    return Person(
        id=person,
        name=clean_name(about.name),
        note=clean_note(about.note),
        enabled=about.enabled,
        created_at=about.created_at,
        expires_at=about.expires_at,
        faces=tuple(faces),
    )


def _face(face: _Face, embedding: bytes, crop: bytes) -> Face:
    vector = np.frombuffer(embedding, "<f4")
    if not vector.size or not math.isclose(float(np.linalg.norm(vector)), 1.0, rel_tol=1e-3):
        raise InputError("an embedding is not of unit length")
    unpacked(crop)
    return Face(face.id, face.table, face.model, embedding, crop, face.quality, face.turn, face.created_at)


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        fault = error.errors()[0]
        return f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].lower()}"
    return (str(error) or type(error).__name__).splitlines()[0]
