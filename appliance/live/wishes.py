"""The settings that page, MQTT and command line may wish while the engine runs, and how the engine reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import TypeAdapter, ValidationError

from appliance import parts
from appliance.config import expected, load
from appliance.errors import ConfigError, InputError
from appliance.options import Config, Mode
from appliance.store import DATABASE, database, exists

MODE = "mode"
"""Key of the setting that says whether anybody may be shown at all."""

RECORD = "record"
"""Key of the setting that starts and stops the recording."""

SOUND = "sound"
"""Key of the setting that mutes the sound."""

NAME = "box-name"
"""Key of the setting that says what the box is called, on page and slates; its configuration may name it too."""

MOST_NAME_LETTERS = 40

SOUNDS = ("on", "mute")
WishedSound = Literal["on", "mute", "unknown"]
"""What cannot be known is as silent as what is muted."""

MODES: tuple[Mode, ...] = get_args(Mode)
"""From the freest to the strictest."""

OPTIONS: Mapping[str, tuple[str, str]] = {
    "style": ("look", "style"),
    "strength": ("look", "strength"),
    "margin": ("look", "margin"),
    "outline": ("look", "outline"),
    "sign": ("look", "sign"),
    "window": ("window", "live_frames"),
    "disguise": ("sound", "disguise"),
}
"""Keys of the settings that stand for an option of the configuration: its section and its name."""

KEYS = (MODE, *OPTIONS, RECORD, SOUND)


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that is wished of the live picture."""

    mode: Mode = "cover-everyone"
    """What cannot be known covers everyone."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Value by key of OPTIONS; what is not wished is not there."""
    record: bool | None = None
    sound: WishedSound | None = "unknown"
    faults: tuple[str, ...] = ()
    """Wishes that mean nothing, in words."""
    unread: bool = False
    """True when the store could not be read: what is wished may be another thing, and is to be asked for again."""

    def over(self, config: Config) -> Config:
        """The configuration with these wishes in place; of two modes the stricter one holds."""
        changes: dict[str, dict[str, Any]] = {"look": {MODE: stricter(self.mode, config.look.mode)}}
        for key, wished in self.options.items():
            section, name = OPTIONS[key]
            changes.setdefault(section, {})[name] = wished
        sections = {name: getattr(config, name).model_copy(update=options) for name, options in changes.items()}
        return config.model_copy(update=sections)


def mode(value: str | None, before: Mode = "cover-everyone") -> Mode:
    """What a stored value means: nothing wished is selective; what is not understood covers everyone, at least."""
    if value is None:
        return "selective"
    return next((known for known in MODES if known == value), stricter(before, "cover-everyone"))


def option(key: str, value: str) -> Any:
    """What a stored value of OPTIONS or RECORD means, by the configuration's own types; raises ConfigError."""
    try:
        if key == RECORD:
            return TypeAdapter(bool).validate_python(value)
        place, name = OPTIONS[key]
        section = getattr(_defaults(), place)
        found = getattr(section.model_validate({**section.model_dump(), name: value}), name)
        if key == "style":
            parts.part("masks", found)
    except ValidationError as error:
        raise ConfigError(f"{key}: {expected(error.errors()[0])}, got {value!r}") from None
    except InputError as error:
        raise ConfigError(str(error)) from None
    return found


def checked(key: str, value: str) -> str:
    """The value as it is to be stored; raises ConfigError for what cannot be wished."""
    if key not in KEYS:
        raise ConfigError(f"{key}: cannot be set while the engine runs; there are {', '.join(KEYS)}")
    named = {MODE: MODES, SOUND: SOUNDS}.get(key)
    if named is None:
        meant = option(key, value)
        return str(meant).lower() if isinstance(meant, bool) else str(meant)
    if value not in named:
        raise ConfigError(f"{key}: expected {', '.join(named)}, got {value!r}")
    return value


def wishes(folder: Path, before: Wishes = Wishes()) -> Wishes:
    """What is wished in this folder's store, for which no key is needed. Never raises.

    A wish that means nothing leaves what was wished before it. A store that cannot be read leaves everything but the
    mode, which covers everyone, and the sound, which is muted. Slate and mute go only when the store plainly says so.
    """
    try:
        stored = _stored(folder)
    except Exception:  # whatever the reason, as in store.gallery_or_nobody
        return Wishes(
            stricter(before.mode, "cover-everyone"),
            before.options,
            before.record,
            "mute" if before.sound == "mute" else "unknown",
            unread=True,
        )
    if stored is None:
        return Wishes(
            "slate" if before.mode == "slate" else "selective", sound="mute" if before.sound == "mute" else None
        )
    meant, faults = {key: value for key, value in _before(before).items() if key in stored}, []
    for key in (*OPTIONS, RECORD):
        try:
            if key in stored:
                meant[key] = option(key, stored[key])
        except ConfigError as error:
            faults.append(f"a wish was ignored: {error}")
    record = meant.pop(RECORD, None)
    sound = _sound(stored.get(SOUND))
    if sound == "unknown":
        faults.append(f"the sound is muted: a wish was not understood ({SOUND}: {stored[SOUND]!r})")
    return Wishes(mode(stored.get(MODE), before.mode), meant, record, sound, tuple(faults))


def wished_mode(folder: Path) -> Mode:
    """The mode wished in this folder's store. Never raises: unreadable covers everyone."""
    return wishes(folder).mode


def wished_name(folder: Path) -> str:
    """What the box is wished to be called; empty where nothing is wished or it cannot be read. Never raises."""
    try:
        return (_stored(folder) or {}).get(NAME, "")
    except Exception:  # a name is no reason to fail
        return ""


def checked_name(name: str) -> str:
    """The name as it is to be stored, empty to take the wish back; raises ConfigError."""
    clean = " ".join(name.split())
    if len(clean) > MOST_NAME_LETTERS or not clean.isprintable():
        raise ConfigError(f"{NAME}: expected one line of at most {MOST_NAME_LETTERS} letters")
    return clean


def _stored(folder: Path) -> dict[str, str] | None:
    if not exists(folder):
        return None
    with database.reading(folder / DATABASE) as db:
        return {row["key"]: row["value"] for row in db.query("SELECT key, value FROM settings")}


def _sound(value: str | None) -> WishedSound | None:
    if value is None:
        return None
    return "on" if value == "on" else "mute" if value == "mute" else "unknown"


def _before(wished: Wishes) -> dict[str, Any]:
    return {**wished.options, **({} if wished.record is None else {RECORD: wished.record})}


@lru_cache(maxsize=1)
def _defaults() -> Config:
    return load()


def stricter(one: Mode, other: Mode) -> Mode:
    """Of two modes the one that shows less."""
    return max(one, other, key=MODES.index)
