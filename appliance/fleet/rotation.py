"""How a fleet goes on under another key without a box: made by one member, opened by each that stays.

The message of epoch n + 1, JSON: who made it (`by`, and its public key), for each box that stays the new key locked
between the maker's pair and that box's own (`wraps`), the members under the new key (`body`), and a proof by key n
(`voucher`) that the maker was a member. The hash of the body is bound into every wrap, so that a member can neither
alter it nor make one in another's name.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Base64Bytes, BaseModel, ConfigDict, Field, ValidationError

from appliance.fleet import envelope, keys
from appliance.fleet.topics import Topics
from appliance.fleet.words import Words
from appliance.store.membership import Fleet, Member

Box = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Public = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Message(_Part):
    by: Box
    public: Public
    wraps: dict[Box, Base64Bytes]
    body: Base64Bytes
    voucher: Base64Bytes


class _Listed(_Part):
    name: Annotated[Words, Field(max_length=100)]
    public: Public


class _Body(_Part):
    members: dict[Box, _Listed]
    removed: list[Box]
    settled: list[Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]]


@dataclass(frozen=True, slots=True)
class Rotation:
    """A rotation that was understood: the fleet as it goes on, who is in it, which deletions need not be remembered."""

    fleet: Fleet
    members: Mapping[str, Member]
    settled: Sequence[str]


class NotForUsError(Exception):
    """A rotation that we cannot open: made without this box, or by somebody who may not."""


def made(fleet: Fleet, members: Mapping[str, Member], out: Iterable[str], settled: Sequence[str]) -> bytes:
    """The message that takes everybody but the boxes `out` to the next epoch, ourselves too; members as they are."""
    out = set(out)
    staying = {box: member for box, member in members.items() if box not in out and not member.removed}
    removed = [box for box, member in members.items() if box not in staying]
    key, epoch = secrets.token_bytes(keys.KEY_BYTES), fleet.epoch + 1
    listed = {box: {"name": member.name, "public": member.public.hex()} for box, member in staying.items()}
    content = json.dumps({"members": listed, "removed": removed, "settled": list(settled)}).encode()
    body = envelope.seal(key, epoch, Topics(fleet.id).key(epoch), content)
    bound = _bound(fleet.id, epoch, fleet.box, body)
    wraps = {}
    for box, member in staying.items():
        with suppress(ValueError):  # a key that is none shuts out only the box that told it
            wraps[box] = keys.lock(keys.between(fleet.private, member.public, "rotation"), key, bound + box.encode())
    public = keys.public_of(fleet.private).hex()
    message = {
        "by": fleet.box,
        "public": public,
        "wraps": {box: _text(wrap) for box, wrap in wraps.items()},
        "body": _text(body),
        "voucher": _text(_voucher(fleet.key, bound, public)),
    }
    return json.dumps(message).encode()


def understood(message: bytes, epoch: int, fleet: Fleet, members: Mapping[str, Member]) -> Rotation | None:
    """The rotation, if it takes us on: to the next epoch, or within ours to the one that counts of two; else None.

    Raises NotForUsError when it counts and we cannot follow it.
    """
    if epoch == fleet.epoch + 1:
        old = fleet.key
    elif epoch == fleet.epoch and fleet.earlier:
        old = fleet.earlier
    else:
        return None
    said = _said(message, epoch, fleet, members, old)
    if epoch == fleet.epoch and (said is None or hashlib.sha256(said.body).hexdigest() <= fleet.rotation):
        return None
    if said is None:
        raise NotForUsError
    try:
        key = _opened(said, epoch, fleet)
        found = _understood(fleet, members, key, old, epoch, said.by, said.body)
    except (ValidationError, ValueError, envelope.UnreadableError):
        raise NotForUsError from None
    return replace(found, fleet=replace(found.fleet, announced=message))


def _said(message: bytes, epoch: int, fleet: Fleet, members: Mapping[str, Member], old: bytes) -> _Message | None:
    """What it says, if it is by somebody who may; else None."""
    try:
        said = _Message.model_validate_json(message)
    except ValidationError:
        return None
    bound = _bound(fleet.id, epoch, said.by, said.body)
    if not hmac.compare_digest(said.voucher, _voucher(old, bound, said.public)):
        return None
    maker = members.get(said.by)
    if maker is None:
        # Who was taken out has the old key still: a stranger's rival rotation could be his.
        return said if epoch != fleet.epoch else None
    return None if maker.removed or maker.public.hex() != said.public else said


def _opened(said: _Message, epoch: int, fleet: Fleet) -> bytes:
    """The new key; raises ValueError when it is not for us."""
    shared = keys.between(fleet.private, bytes.fromhex(said.public), "rotation")
    bound = _bound(fleet.id, epoch, said.by, said.body)
    return keys.unlock(shared, said.wraps.get(fleet.box, b""), bound + fleet.box.encode())


def _understood(
    fleet: Fleet, members: Mapping[str, Member], key: bytes, old: bytes, epoch: int, by: str, body: bytes
) -> Rotation:
    content = _Body.model_validate_json(envelope.open_(key, Topics(fleet.id).key(epoch), body))
    known = {box: Member(box, listed.name, bytes.fromhex(listed.public)) for box, listed in content.members.items()}
    for box, member in members.items():
        if box not in known:
            known[box] = replace(member, removed=member.removed or epoch - 1) if box in content.removed else member
        elif member.removed and known[box].public == member.public:
            # Whoever made this had not heard that the box is out: it has this key too.
            known[box] = replace(member, removed=epoch)
    went_on = replace(fleet, epoch=epoch, key=key, earlier=old, rotation=hashlib.sha256(body).hexdigest(), rotator=by)
    return Rotation(went_on, known, content.settled)


def _bound(fleet: str, epoch: int, by: str, body: bytes) -> bytes:
    return f"{fleet}/{epoch}/{by}/".encode() + hashlib.sha256(body).digest()


def _voucher(old: bytes, bound: bytes, public: str) -> bytes:
    return hmac.digest(keys.derived(old, "voucher"), bound + public.encode(), "sha256")


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
