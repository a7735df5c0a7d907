"""The panic button where nothing can be saved: on a full or read-only disk the wish is held in the runtime folder,
which is memory on a box, until another mode can be saved or the box starts anew."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from appliance import status
from appliance.errors import MofyError, StoreError
from appliance.live import wishes
from appliance.options import Mode
from appliance.store import Desired
from appliance.store.database import alone

HELD = "held-mode"


def wish_mode(data: Path, mode: Mode, who: str, save: Callable[[], bool] | None = None) -> str | None:
    """Wish a mode; None when it is saved, else in words why it is only held.

    save: saves it in a way of its own; False: it was wished before, and is not to be obeyed again.
    Raises StoreError when it can be neither: what shows more is never held, only what shows less.
    """
    before = _found(data)
    try:
        if save is None:
            Desired(data).set_setting(wishes.MODE, mode, who)
        elif not save():
            return None
    except StoreError as error:
        if mode == "selective":
            _take_back(data, before, error)
            return None
        _hold(data, mode, error)
        return f"held until it can be saved or the box starts anew ({error})"
    _release(data, before)
    return None


def held(runtime: Path) -> Mode:
    """The mode that is held; selective when none is, and what cannot be understood covers everyone."""
    try:
        return wishes.mode((runtime / HELD).read_text(encoding="utf-8").partition(" ")[0])
    except FileNotFoundError:
        return "selective"
    except (OSError, UnicodeDecodeError):
        return "cover-everyone"


def _found(data: Path) -> bytes | None:
    """What is held, by whoever pressed before; None where nothing is."""
    try:
        return (status.runtime_place(data) / HELD).read_bytes()
    except OSError:
        return None


def _release(data: Path, before: bytes | None) -> None:
    """Hold that no more; what somebody else has held since is newer, and stays."""
    with suppress(OSError, MofyError):
        runtime = status.runtime_folder(data)
        with alone(runtime):
            if before is not None and _found(data) == before:
                (runtime / HELD).unlink()


def _hold(data: Path, mode: Mode, error: StoreError) -> None:
    try:
        runtime = status.runtime_folder(data)
        part = runtime / f".{HELD}.{secrets.token_hex(4)}"
        # No two are the same, and none is ever half there: half a slate would be no slate.
        part.write_text(f"{mode} {secrets.token_hex(4)}", encoding="utf-8")
        with alone(runtime):
            part.replace(runtime / HELD)
    except (OSError, MofyError):
        raise error from None


def _take_back(data: Path, before: bytes | None, error: StoreError) -> None:
    """What was only held can be taken back where nothing can be saved, if nothing else was wished before."""
    try:
        saved = Desired(data).settings().get(wishes.MODE)
    except MofyError:
        raise error from None
    if before is None or wishes.mode(saved) != "selective":
        raise error
    _release(data, before)
