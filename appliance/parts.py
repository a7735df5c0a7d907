"""Parts are found by their file's name: adding one is adding a file."""

from __future__ import annotations

import importlib
import pkgutil
from difflib import get_close_matches
from types import ModuleType

from appliance.errors import InputError

SPOKEN = {"masks": "style", "capture": "source", "sinks": "output", "doctor": "check"}
"""What people call one of a family, where that is another word."""


def names(family: str) -> list[str]:
    """The parts of a family ("masks", "sinks", ...), sorted; a file whose name begins with _ is none."""
    package = importlib.import_module(f"appliance.{family}")
    return sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))


def part(family: str, name: str) -> ModuleType:
    """The module of one part; raises InputError that lists the family's parts."""
    known = names(family)
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise InputError(f"{SPOKEN.get(family, family)}: there is no {name!r}{hint}; there are {', '.join(known)}")
    return importlib.import_module(f"appliance.{family}.{name}")
