"""What may be asked of the box, typed: each order's payload as text or JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from appliance.errors import InputError

LONGEST_S = 24 * 3600.0
"""A guest is revealed for a day at most."""

MOST_PHOTOS = 5

Id = Annotated[str, Field(min_length=1, max_length=64)]
Epoch = Annotated[float, Field(allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0.0, le=LONGEST_S, allow_inf_nan=False)]
Track = Annotated[int, Field(ge=0, le=2**53)]
Run = Annotated[str, Field(min_length=1, max_length=64)]
"""Of the engine, as the state tells it: the numbers of faces begin anew with each."""


class OrderError(InputError):
    """A payload that cannot be understood; `field` names what is wrong in it."""

    def __init__(self, words: str, field: str | None = None) -> None:
        super().__init__(words)
        self.field = field


class Order(BaseModel):
    """What every order may carry."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    short: ClassVar[str | None] = None
    """The field that a payload of plain text stands for."""

    id: Id | None = None
    """Comes back with the answer."""
    expires: Epoch | None = None
    """Epoch seconds after which it is not to be obeyed any more."""


class Setting(Order):
    """A new value."""

    short = "value"
    value: str | int | float | bool | None
    """None takes the wish back: as the engine was started."""

    @property
    def text(self) -> str | None:
        """The value as the command line would be given it."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return None if self.value in (None, "default") else str(self.value)


class Switch(Order):
    """On or off."""

    short = "on"
    on: bool

    @field_validator("on", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        words = {"start": True, "stop": False, "on": True, "off": False}
        return words.get(value.lower(), value) if isinstance(value, str) else value


class Reveal(Order):
    """Show the face of a track as a guest."""

    short = "track"
    track: Track
    seconds: Seconds = 3600.0
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    run: Run | None = None


class Cover(Order):
    """Keep the face of a track covered; without seconds, until it is taken back."""

    short = "track"
    track: Track
    seconds: Seconds | None = None
    run: Run | None = None


class Enrol(Order):
    """A person's photos, in base64."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    photos: Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST_PHOTOS)]
    until: Epoch | None = None
    """Epoch seconds after which the person is covered again."""
    force: bool = False
    """Take photos that do not look like the person's others."""

    @field_validator("photos", mode="before")
    @classmethod
    def _one(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


MODELS: Mapping[str, type[Order]] = {
    "cover-everyone": Order,
    "slate": Order,
    "selective": Order,
    "reveal": Reveal,
    "cover": Cover,
    "forget-guests": Order,
    "record": Switch,
    "snapshot": Order,
    "restart": Order,
    "enrol": Enrol,
}
"""The type of each command's payload."""


def read(payload: bytes, model: type[Order]) -> Order:
    """The order in a payload: JSON of an object, or plain text; raises OrderError naming the field."""
    text = payload.strip()
    try:
        if not text.startswith(b"{"):
            text = json.dumps({} if not text or model.short is None else {model.short: text.decode()}).encode()
        return model.model_validate_json(text)
    except UnicodeDecodeError:
        raise OrderError("is neither text nor JSON") from None
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = str(fault["loc"][0]) if fault["loc"] else None
        words = fault["msg"][:1].lower() + fault["msg"][1:]
        raise OrderError(f"{field}: {words}" if field else words, field) from None


def told_id(payload: bytes) -> str | None:
    """The id in a payload that may be no order at all, so that whoever asked knows which one was refused."""
    try:
        found = json.loads(payload) if payload[:1] == b"{" and len(payload) < 10_000 else None
    except (ValueError, RecursionError):
        return None
    given = found.get("id") if isinstance(found, dict) else None
    return given if isinstance(given, str) and 0 < len(given) <= 64 else None


def is_stale(order: Order, now: float) -> float | None:
    """Seconds since the order ended; None when it is to be obeyed at epoch second `now`."""
    if order.expires is None or order.expires >= now:
        return None
    return math.ceil(now - order.expires)
