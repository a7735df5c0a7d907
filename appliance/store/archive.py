"""People in one file under a passphrase, to carry to another box or keep as a backup.

MAGIC, then log2 of scrypt's N (one byte), salt (16), nonce (12), and the AES-256-GCM of a JSON text, the bytes before
being bound in. The passphrase's key is scrypt's (RFC 7914) with r = 8 and p = 1. The file holds faces, not embeddings:
each box makes its own from them, with its own model, and need not believe the file.
"""

from __future__ import annotations

import base64
import json
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance import whole_files
from appliance.core.frames import RgbImage
from appliance.errors import InputError, StoreError, system_reason
from appliance.store.people import Enrolled, clean_name, clean_note
from appliance.store.records import packed, unpacked

MAGIC = b"MOFY people 1\n"
SALT_BYTES, NONCE_BYTES = 16, 12

WORK = 17
"""log2 of scrypt's N: 128 MB and about half a second on a small board for each guess."""

WORK_RANGE = range(14, 21)
"""What a file may ask of us: less protects nobody, more would exhaust the memory."""

PASSPHRASE_LEAST = 8
"""Characters of a new passphrase."""

MOST_BYTES = 2**30
"""Largest file read: some twenty thousand photos."""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One face of a person: the (112, 112, 3) crop and what was measured of the photo it came from."""

    crop: RgbImage
    quality: float
    turn: float


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A person with the faces that go along."""

    enrolled: Enrolled
    photos: Sequence[Photo]
    rejected: Sequence[Photo] = ()
    """Of others who are not this person."""


def write(path: Path, people: Sequence[Person], passphrase: str, overwrite: bool = False) -> None:
    """Write the file (mode 0600), whole or not at all; raises InputError."""
    if len(passphrase) < PASSPHRASE_LEAST:
        raise InputError(f"the passphrase needs at least {PASSPHRASE_LEAST} characters")
    if path.exists() and not overwrite:
        raise InputError(f"{path}: exists already; give another name, or --force to replace it")
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: is not a regular file, and is not replaced")
    text = json.dumps({"people": [_described(person) for person in people]}).encode()
    head = MAGIC + bytes([WORK]) + secrets.token_bytes(SALT_BYTES + NONCE_BYTES)
    locked = head + _cipher(head, passphrase).encrypt(head[-NONCE_BYTES:], text, head)
    try:
        whole_files.replace(path, locked, mode=0o600, durable=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({system_reason(error)})") from None


def read(path: Path, passphrase: str) -> list[Person]:
    """The people in the file; raises InputError when it is no archive, damaged, or the passphrase another one."""
    from cryptography.exceptions import InvalidTag

    head, locked = _split(path)
    try:
        text = _cipher(head, passphrase).decrypt(head[-NONCE_BYTES:], locked, head)
    except InvalidTag:
        raise InputError(f"{path}: the passphrase is wrong, or the file is damaged") from None
    try:
        return [_person(described) for described in json.loads(text)["people"]]
    except (ValueError, LookupError, TypeError, RecursionError, StoreError, InputError) as error:
        raise InputError(f"{path}: holds something this MOFY does not understand ({error})") from None


def _split(path: Path) -> tuple[bytes, bytes]:
    try:
        # A device or pipe could be read for ever.
        if path.exists() and not path.is_file() and not path.is_dir():
            raise InputError(f"{path}: is not a regular file; an export of people was expected")
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: is too large for an export of people")
        whole = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({system_reason(error)})") from None
    size = len(MAGIC) + 1 + SALT_BYTES + NONCE_BYTES
    if not whole.startswith(MAGIC) or len(whole) <= size or whole[len(MAGIC)] not in WORK_RANGE:
        raise InputError(f"{path}: is no export of people; `mofy people export` writes one")
    return whole[:size], whole[size:]


def _cipher(head: bytes, passphrase: str) -> Any:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    salt = head[len(MAGIC) + 1 : -NONCE_BYTES]
    # One passphrase typed on two systems may come composed or not (Hangul on a Mac does not).
    spelled = unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass")
    return AESGCM(Scrypt(salt=salt, length=32, n=2 ** head[len(MAGIC)], r=8, p=1).derive(spelled))


def _described(given: Person) -> dict[str, Any]:
    person = given.enrolled
    return {
        "name": person.name,
        "note": person.note,
        "enabled": person.enabled,
        "created_at": person.created_at,
        "expires_at": person.expires_at,
        "photos": [_described_photo(photo) for photo in given.photos],
        "rejected": [_described_photo(photo) for photo in given.rejected],
    }


def _described_photo(photo: Photo) -> dict[str, Any]:
    return {"crop": base64.b64encode(packed(photo.crop)).decode(), "quality": photo.quality, "turn": photo.turn}


def _person(described: dict[str, Any]) -> Person:
    expires_at = described["expires_at"]
    photos = [_photo(photo) for photo in described["photos"]]
    # Files of the first MOFY know nobody who was rejected.
    rejected = [_photo(photo) for photo in described.get("rejected", [])]
    person = Enrolled(
        id="",
        name=clean_name(described["name"]),
        note=clean_note(described["note"]),
        enabled=bool(described["enabled"]),
        created_at=float(described["created_at"]),
        expires_at=None if expires_at is None else float(expires_at),
        photos=len(photos),
        rejected=len(rejected),
    )
    return Person(person, photos, rejected)


def _photo(described: dict[str, Any]) -> Photo:
    crop = unpacked(base64.b64decode(described["crop"]))
    return Photo(crop, float(described["quality"]), float(described["turn"]))
