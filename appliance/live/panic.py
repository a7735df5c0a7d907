"""The panic button where nothing can be saved: on a full or read-only disk the wish is held in the runtime folder,
which is memory on a box, until another mode can be saved or the box starts anew."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from appliance import status
from appliance.errors import MofyError, StoreError
from appliance.live import wishes
from appliance.options import Mode
from appliance.store import Desired

HELD = "held-mode"


def wish_mode(data: Path, mode: Mode, who: str) -> str | None:
    """Wish a mode; None when it is saved, else in words why it is only held.

    Raises StoreError when it can be neither: what shows more is never held, only what shows less.
    """
    try:
        Desired(data).set_setting(wishes.MODE, mode, who)
    except StoreError as error:
        if mode == "selective":
            _take_back(data, error)
            return None
        _hold(data, mode, error)
        return f"held until it can be saved or the box starts anew ({error})"
    release(data)
    return None


def held(runtime: Path) -> Mode:
    """The mode that is held; selective when none is, and what cannot be understood covers everyone."""
    try:
        return wishes.mode((runtime / HELD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return "selective"
    except (OSError, UnicodeDecodeError):
        return "cover-everyone"


def release(data: Path) -> None:
    """Hold nothing any more."""
    with suppress(OSError, MofyError):
        (status.runtime_folder(data) / HELD).unlink(missing_ok=True)


def _hold(data: Path, mode: Mode, error: StoreError) -> None:
    try:
        (status.runtime_folder(data) / HELD).write_text(mode, encoding="utf-8")
    except (OSError, MofyError):
        raise error from None


def _take_back(data: Path, error: StoreError) -> None:
    """What was only held can be taken back where nothing can be saved, if nothing else was wished before."""
    try:
        saved = Desired(data).settings().get(wishes.MODE)
        is_held = (status.runtime_folder(data) / HELD).exists()
    except (OSError, MofyError):
        raise error from None
    if not is_held or wishes.mode(saved) != "selective":
        raise error
    release(data)
