"""What the box is called on a broker: made once, kept in the data folder, of no meaning to anybody else."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from appliance.errors import ConfigError
from appliance.live.credentials import keep_secret

NAME = "box-id"
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without what looks alike."""

LENGTH = 8
PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{2,63}\Z")
TAKEN = ("fleet",)
"""What stands in the same place of a topic and is no box."""


def box_id(data: Path) -> str:
    """The id in the folder, made if it is missing; raises ConfigError for one that cannot be kept or used."""
    path = data / NAME
    found = keep_secret(path, lambda: "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) + "\n").strip()
    if not PATTERN.match(found) or found in TAKEN:
        expected = "3 to 64 small letters, digits, - or _ were expected"
        raise ConfigError(f"{path}: {expected}; remove it, and a new id is made")
    return found
