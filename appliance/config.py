"""The configuration: defaults, what the board asks for, a file and the command line, all faults told at once."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from appliance.errors import ConfigError
from appliance.options import Config

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULTS = Path(__file__).with_name("default.toml")

EXPECTED = {
    "bool_parsing": "expected true or false",
    "float_parsing": "expected a number",
    "finite_number": "expected a number",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected {ge} or more",
    "int_from_float": "expected a whole number",
    "int_parsing": "expected a whole number",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected {le} or less",
    "literal_error": "expected {expected}",
    "string_type": "expected a text in quotes",
}
"""What pydantic calls a fault, for a person."""

SECRET = ("push.url",)
"""Options whose value is told to nobody, not even to say that it is wrong."""


def load(
    path: Path | None = None,
    changes: Mapping[str, Mapping[str, Any]] | None = None,
    board: Mapping[str, Mapping[str, Any]] | None = None,
) -> Config:
    """Defaults, then the board's, then the file, then the changes ({section: {option: value}}).

    Raises ConfigError naming every fault.
    """
    merged = _read(DEFAULTS)
    for layer in (board or {}, _read(path) if path else {}, changes or {}):
        for section, options in layer.items():
            if not isinstance(options, Mapping):
                raise ConfigError(f"{path}: {section!r} stands outside a [section]")
            merged.setdefault(section, {}).update(options)
    try:
        return Config.model_validate(merged)
    except ValidationError as error:
        faults = "; ".join(_told(fault, merged) for fault in error.errors())
        raise ConfigError(f"{path or 'options'}: {faults}") from None


def expected(fault: Any) -> str:
    """One of pydantic's faults in a person's words."""
    said: str = fault["msg"]
    words = EXPECTED.get(fault["type"], said[0].lower() + said[1:])
    return words.format(**fault.get("ctx", {}))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: is not valid TOML ({error})") from None


def _told(fault: Any, merged: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    if fault["type"] != "extra_forbidden":
        got = "" if place in SECRET else f", got {fault['input']!r}"
        return f"{place}: {expected(fault)}{got}"
    section, *option = (str(part) for part in fault["loc"])
    fields: Any = Config.model_fields
    known = list(fields[section].annotation.model_fields) if option else list(fields)
    near = get_close_matches((option or [section])[0], known, 1)
    return f"{place}: no such option" + (f", did you mean {near[0]}?" if near else "")
