"""The key of a folder of people, held against what is locked with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from appliance.errors import StoreError
from appliance.store import database
from appliance.store.database import DATABASE, KEY
from appliance.store.membership import SECRETS
from appliance.store.vault import Vault, is_kept, make_key, read_key

if TYPE_CHECKING:
    from sqlite_utils import Database


class NobodyYetError(StoreError):
    """Nobody was ever enrolled in the folder: nothing is lost, and nothing to be mended."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder}: nobody is enrolled here yet; `mofy people add` enrols somebody")


def missing(folder: Path) -> StoreError:
    """What to say of a folder without a database; the first one and its key are made together."""
    with database.faults(folder / KEY):
        if not is_kept(folder / KEY):
            return NobodyYetError(folder)
    return StoreError(
        f"{folder / DATABASE}: is missing, though its key is here; put it back from a backup, or enrol anew"
    )


def vault(folder: Path, create: bool = False) -> Vault:
    """The vault of the folder's key; a new key is made only where nothing is locked with an old one."""
    with database.reading(folder / DATABASE) as db:
        locked = _locked_sample(db)
    opened = Vault(_key(folder, create, anew=locked is None))
    if locked is not None:
        try:
            opened.open(*locked)
        except StoreError:
            raise StoreError(
                f"{folder / KEY}: is not the key that {DATABASE} was written with, or {DATABASE} is damaged; "
                "put the right one back from a backup"
            ) from None
    return opened


def _key(folder: Path, create: bool, anew: bool) -> bytes:
    """anew: another key would do as well."""
    try:
        return read_key(folder / KEY)
    except FileNotFoundError:
        if not anew:
            raise StoreError(
                f"{folder / KEY}: the key is missing and nothing stored can be read without it; put it back from a "
                f"backup, or remove {DATABASE} and enrol anew"
            ) from None
        if not create:
            raise NobodyYetError(folder) from None
    with database.faults(folder / KEY):
        return make_key(folder / KEY)


def _locked_sample(db: Database) -> tuple[object, str] | None:
    """Something that the key opens, and the place it is bound to; None where nothing is locked yet."""
    for row in db.query("SELECT id, name FROM people LIMIT 1"):
        return row["name"], f"people/{row['id']}/name"
    for row in db.query("SELECT secrets FROM fleet"):
        return row["secrets"], SECRETS
    return None
