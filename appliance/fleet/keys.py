"""Each box's own key pair (X25519), and what two boxes can lock for each other alone with theirs."""

from __future__ import annotations

import secrets

KEY_BYTES, NONCE_BYTES = 32, 12


def new_private() -> bytes:
    """The private half of a new pair."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.generate().private_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The other half."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def derived(secret: bytes, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose (HKDF-SHA256, RFC 5869)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"mofy fleet {purpose}".encode()).derive(secret)


def between(private: bytes, public: bytes, purpose: str, secret: bytes = b"") -> bytes:
    """A key that only the two owners (who also know the secret) can make; raises ValueError for a bad public key."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    agreed = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))
    return derived(secret + agreed, purpose)


def lock(key: bytes, content: bytes, bound: bytes) -> bytes:
    """Nonce, ciphertext and tag of AES-256-GCM, with `bound` bound in."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, bound)


def unlock(key: bytes, locked: bytes, bound: bytes) -> bytes:
    """The content; raises ValueError when key, bytes or what is bound in are not the same."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(locked[:NONCE_BYTES], locked[NONCE_BYTES:], bound)
    except InvalidTag:
        raise ValueError("cannot be opened") from None
