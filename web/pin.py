"""The PIN that opens the page: made at the first start, kept as a hash, and guessed at ever more slowly.

The first one lies in a file that only the box's user can read until somebody logs in with it, so that terminal and
slate can tell it; from then on nobody can look it up, only set another.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.errors import InputError, StoreError
from appliance.live.credentials import keep_secret
from web import ledger

if TYPE_CHECKING:
    from argon2 import PasswordHasher
    from sqlite_utils import Database

FIRST = "page-first-pin"
DIGITS = 6
LEAST, MOST = 6, 64
"""Digits of a PIN that somebody chooses: a phone shows a keypad of digits for it."""

EASY = "0123456789012345678909876543210"
"""Digits in their order, up and down."""

FREE_TRIES, FREE_TRIES_TOGETHER = 4, 40
"""Wrong PINs without a wait: of one visitor, and of all strangers together, who may have many addresses."""

LONGEST_WAIT_S, LONGEST_WAIT_TOGETHER_S = 900.0, 60.0
FORGOTTEN_S = 3600.0
"""After so long without a wrong PIN the count begins anew."""

SOON_S = 0.01
"""So little is no wait."""

MEMORY_KB, ROUNDS = 32 * 1024, 3
"""What a guess costs: about 50 ms and so much memory."""

_one_at_a_time = threading.Lock()
"""Hashing takes memory on purpose; a flood of guesses must not take all of it."""


def ensure(data: Path) -> None:
    """Make a PIN if the page has none; raises StoreError."""
    with ledger.reading(data) as db:
        known = db.table("pin").count
    if not known:
        first = keep_secret(data / FIRST, lambda: "".join(secrets.choice("0123456789") for _ in range(DIGITS)) + "\n")
        _write(data, first.strip(), only_if_missing=True)


def first(data: Path) -> str | None:
    """The PIN made at the first start as long as nobody has used it."""
    try:
        return (data / FIRST).read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def change(data: Path, wanted: str | None = None) -> str:
    """Set a PIN, or a new random one, and log everybody out; raises InputError, StoreError."""
    chosen = "".join(secrets.choice("0123456789") for _ in range(DIGITS)) if wanted is None else wanted.strip()
    if not re.fullmatch(f"[0-9]{{{LEAST},{MOST}}}", chosen):
        raise InputError(f"a PIN has {LEAST} to {MOST} digits")
    if wanted is not None and (len(set(chosen)) < 3 or chosen in EASY):
        raise InputError("this PIN is too easy to guess; use at least three different digits, not in their order")
    _write(data, chosen)
    _forget_first(data)
    return chosen


def epoch(data: Path) -> int:
    """Which generation of logins counts; raises StoreError."""
    with ledger.reading(data) as db:
        row = next(db.query("SELECT epoch FROM pin"), None)
    if row is None:
        raise StoreError("the page has no PIN yet; `mofy page pin` sets one")
    return int(row["epoch"])


def log_everybody_out(data: Path) -> None:
    """End every login there is; raises StoreError."""
    with ledger.writing(data) as db:
        db.execute("UPDATE pin SET epoch = epoch + 1")


def wait_s(data: Path, source: str, now: float, known: bool) -> float:
    """Seconds this visitor must wait before the next try; known: logged in before, so not one of the strangers."""
    with ledger.reading(data) as db:
        return _wait_s(db, source, now, known)


def _wait_s(db: Database, source: str, now: float, known: bool) -> float:
    tries = {row["source"]: (row["count"], row["last_at"]) for row in db.query("SELECT * FROM tries")}
    waits = [_wait(*tries.get(source, (0, 0.0)), now, FREE_TRIES, LONGEST_WAIT_S)]
    if not known:
        together = tries.get(ledger.EVERYBODY, (0, 0.0))
        waits.append(_wait(*together, now, FREE_TRIES_TOGETHER, LONGEST_WAIT_TOGETHER_S))
    return max(waits)


def is_right(data: Path, given: str, source: str, now: float, known: bool = False) -> bool:
    """Whether this is the PIN. The try is counted before it is looked at, and taken back when it is right.

    False also for who must wait: of many tries at once only those are looked at that one after the other would be.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    with ledger.writing(data) as db:
        if _wait_s(db, source, now, known) > 0:
            return False
        row = next(db.query("SELECT hash FROM pin"), None)
        db.execute("DELETE FROM tries WHERE last_at < ?", [now - FORGOTTEN_S])
        for one in (source, ledger.EVERYBODY):
            db.execute(
                "INSERT INTO tries VALUES (?, 1, ?) "
                "ON CONFLICT(source) DO UPDATE SET count = count + 1, last_at = excluded.last_at",
                [one, now],
            )
    try:
        with _one_at_a_time:
            right = row is not None and _hasher().verify(row["hash"], given.strip())
    except (VerificationError, InvalidHashError):
        return False
    if right:
        with ledger.writing(data) as db:
            db.execute("DELETE FROM tries WHERE source = ?", [source])
            db.execute("UPDATE tries SET count = count - 1 WHERE source = ?", [ledger.EVERYBODY])
        _forget_first(data)
    return right


def _wait(count: int, last_at: float, now: float, free: int, longest_s: float) -> float:
    if count < free or now - last_at > FORGOTTEN_S:
        return 0.0
    delay_s = min(2.0 ** min(count - free + 1, 20), longest_s)
    # A clock that was set back must not lengthen anybody's wait.
    left_s = min(max(last_at + delay_s - now, 0.0), delay_s)
    return left_s if left_s > SOON_S else 0.0


def _write(data: Path, chosen: str, only_if_missing: bool = False) -> None:
    hashed = _hasher().hash(chosen)
    again = "DO NOTHING" if only_if_missing else "DO UPDATE SET hash = excluded.hash, epoch = epoch + 1"
    with ledger.writing(data) as db:
        # Not from 0: a login to a box whose ledger was lost must not open the new one.
        begin = secrets.randbelow(2**40)
        db.execute(f"INSERT INTO pin VALUES (1, ?, ?) ON CONFLICT(id) {again}", [hashed, begin])
        if not only_if_missing:
            db.execute("DELETE FROM tries")


def _forget_first(data: Path) -> None:
    with contextlib.suppress(OSError):
        (data / FIRST).unlink(missing_ok=True)


def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KB, parallelism=1)
