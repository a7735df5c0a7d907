"""The key file, and small pieces of data locked with it (AES-256-GCM)."""

from __future__ import annotations

import secrets
from pathlib import Path

from appliance.errors import StoreError, system_reason
from appliance.store import sealing
from appliance.store.ownership import keep_from_others, make_once

KEY_BYTES = 32
NONCE_BYTES = 12


class Vault:
    """Locks and opens bytes under one key; each piece opens only at the place it was locked for."""

    def __init__(self, key: bytes) -> None:
        """key: 32 bytes."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)

    def lock(self, plain: bytes, place: str) -> bytes:
        """Nonce, ciphertext and tag; the place (table, row, column) is bound in, so that pieces cannot be swapped."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def open(self, locked: object, place: str) -> bytes:
        """What was locked for this place; raises StoreError when key, place or bytes are not the same."""
        from cryptography.exceptions import InvalidTag

        try:
            if isinstance(locked, bytes) and len(locked) > NONCE_BYTES:
                return self._cipher.decrypt(locked[:NONCE_BYTES], locked[NONCE_BYTES:], place.encode())
        except InvalidTag:
            pass
        raise StoreError(f"{place}: cannot be decrypted: the key is another one, or the data is damaged")


def read_key(path: Path) -> bytes:
    """The key in the file, or sealed beside it; raises StoreError when it cannot be had or is no key.

    An open file comes first: an owner put it back from a backup. Raises FileNotFoundError when there is neither.
    """
    try:
        key = path.read_bytes()
        keep_from_others(path)
    except FileNotFoundError:
        key = sealing.opened(path)
    except OSError as error:
        raise StoreError(f"{path}: the key cannot be read ({system_reason(error)})") from None
    if len(key) != KEY_BYTES:
        raise StoreError(
            f"{path}: is no key: {KEY_BYTES} bytes were expected, it has {len(key)}; restore it from a backup"
        )
    return key


def make_key(path: Path) -> bytes:
    """A new key on disk; if another process was first, its key. Never overwrites; raises OSError."""
    make_once(path, secrets.token_bytes(KEY_BYTES))
    return read_key(path)


def kept_key(path: Path) -> bytes:
    """The key, made if there is none; raises StoreError, OSError."""
    try:
        return read_key(path)
    except FileNotFoundError:
        return make_key(path)


def is_kept(path: Path) -> bool:
    """True when there is a key, open or sealed; raises OSError when the folder may not be looked into."""
    return path.exists() or sealing.sealed(path).exists()
