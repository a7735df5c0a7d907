"""How a box comes into a fleet: a code that is good for one box and a few minutes.

The code says where the broker is, which fleet, and a secret. The newcomer asks, locked with a key made of the secret,
naming its public key; a member that gave the invitation answers with the fleet's key, locked with a key made of the
secret AND of both boxes' pairs: whoever finds the code later can open nothing that he recorded before.
"""

from __future__ import annotations

import base64
import json
import secrets
import zlib
from dataclasses import asdict, dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from appliance.errors import InputError
from appliance.fleet import keys
from appliance.fleet.rotation import Box, Public
from appliance.fleet.topics import Topics
from appliance.fleet.words import Words
from appliance.store.membership import BrokerPlace, Fleet, Invitation, Member

START = "mofy1-"
SECRET_BYTES = 16
MOST_CODE_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Code:
    """What the code says. expires_at: epoch seconds of the inviting box's clock, which alone counts."""

    fleet: str
    broker: BrokerPlace
    expires_at: float
    secret: bytes = field(repr=False)

    @property
    def invitation(self) -> str:
        """What the invitation is called on the broker: tells nothing of the secret."""
        return keys.derived(self.secret, "invitation").hex()[:16]

    def text(self) -> str:
        """One word to copy, or to draw as a QR."""
        said = {"f": self.fleet, "b": asdict(self.broker), "e": int(self.expires_at), "s": self.secret.hex()}
        packed = zlib.compress(json.dumps(said, separators=(",", ":")).encode(), 9)
        return START + base64.urlsafe_b64encode(packed).decode().rstrip("=")


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Broker(_Part):
    host: Annotated[str, Field(min_length=1, max_length=255)]
    port: Annotated[int, Field(ge=1, le=65535)]
    tls: bool
    ca: Annotated[str, Field(max_length=10_000)]
    user: Annotated[str, Field(max_length=255)]
    password: Annotated[str, Field(max_length=255)]


class _Code(_Part):
    f: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    b: _Broker
    e: float
    s: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class _Ask(_Part):
    box: Box
    name: Annotated[Words, Field(max_length=100)]
    public: Public


class _Listed(_Part):
    name: Annotated[Words, Field(max_length=100)]
    public: Public
    removed: Annotated[int, Field(ge=0)]


class _Answer(_Part):
    epoch: Annotated[int, Field(ge=1)]
    key: Public
    members: dict[Box, _Listed]


def new_secret() -> bytes:
    """The secret of a new invitation."""
    return secrets.token_bytes(SECRET_BYTES)


def read_code(text: str) -> Code:
    """What a code says; raises InputError."""
    word = "".join(text.split())
    try:
        if not word.startswith(START) or len(word) > MOST_CODE_BYTES:
            raise ValueError
        packed = word.removeprefix(START)
        opened = zlib.decompressobj().decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), 16_384)
        said = _Code.model_validate_json(opened)
    except (ValueError, zlib.error, ValidationError):
        raise InputError("this is no whole invitation; copy the code that `mofy fleet invite` prints") from None
    return Code(said.f, BrokerPlace(**said.b.model_dump()), said.e, bytes.fromhex(said.s))


def ask(code: Code, newcomer: Member) -> bytes:
    """The newcomer's message."""
    said = {"box": newcomer.box, "name": newcomer.name, "public": newcomer.public.hex()}
    topic = Topics(code.fleet).ask(code.invitation)
    return keys.lock(keys.derived(code.secret, "ask"), json.dumps(said).encode(), topic.encode())


def asked(invitation: Invitation, fleet: str, message: bytes) -> Member:
    """Who asks; raises ValueError for anybody without the secret."""
    topic = Topics(fleet).ask(invitation.id)
    said = _Ask.model_validate_json(keys.unlock(keys.derived(invitation.secret, "ask"), message, topic.encode()))
    return Member(said.box, said.name, bytes.fromhex(said.public))


def answer(fleet: Fleet, members: dict[str, Member], invitation: Invitation, newcomer: Member) -> bytes:
    """The member's message: our public key, then the fleet locked for the newcomer."""
    listed = {
        box: {"name": member.name, "public": member.public.hex(), "removed": member.removed}
        for box, member in members.items()
    }
    said = {"epoch": fleet.epoch, "key": fleet.key.hex(), "members": listed}
    topic = Topics(fleet.id).answer(invitation.id)
    key = keys.between(fleet.private, newcomer.public, "answer", invitation.secret)
    return keys.public_of(fleet.private) + keys.lock(key, json.dumps(said).encode(), topic.encode())


def answered(code: Code, newcomer: Member, private: bytes, message: bytes) -> tuple[Fleet, dict[str, Member]]:
    """The fleet that lets us in, and its members with ourselves; raises ValueError for no answer to us."""
    topic = Topics(code.fleet).answer(code.invitation)
    key = keys.between(private, message[: keys.KEY_BYTES], "answer", code.secret)
    said = _Answer.model_validate_json(keys.unlock(key, message[keys.KEY_BYTES :], topic.encode()))
    members = {
        box: Member(box, listed.name, bytes.fromhex(listed.public), listed.removed)
        for box, listed in said.members.items()
    }
    members[newcomer.box] = newcomer
    fleet = Fleet(
        id=code.fleet,
        box=newcomer.box,
        name=newcomer.name,
        epoch=said.epoch,
        key=bytes.fromhex(said.key),
        private=private,
        broker=code.broker,
    )
    return fleet, members
