"""What a member tells of itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from appliance.fleet.rotation import Public
from appliance.fleet.words import Words


class Card(BaseModel):
    """Of one box, as the others read it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    name: Annotated[Words, Field(max_length=100)]
    public: Public
    online: bool = True
    left: bool = False
    version: Annotated[Words, Field(max_length=40)] = ""
    mode: Annotated[Words, Field(max_length=40)] = ""
    state: Annotated[Words, Field(max_length=40)] = ""
    fps: float = 0.0
    faults: list[Annotated[Words, Field(max_length=300)]] = []
    deleted: str = ""
    """Digest of everybody it knows to be deleted."""
    obeyed: int = 0

    def calm(self) -> Card:
        """What of it does not change all the time, or on all boxes at once."""
        return self.model_copy(update={"fps": 0.0, "deleted": ""})


def digest(deleted: Iterable[str]) -> str:
    """What two boxes compare to know that they know the same deletions; deleted: ids in order."""
    return hashlib.sha256("\n".join(deleted).encode()).hexdigest()[:32]
