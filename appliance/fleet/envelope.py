"""What the broker sees: a version, which key, and AES-256-GCM of bytes padded to one of a few sizes.

MAGIC (2 bytes), epoch (4, big-endian), nonce (12), ciphertext and tag. Topic and head are bound in: a message says
nothing under another topic or another key.
"""

from __future__ import annotations

import secrets

from appliance.errors import InputError

MAGIC = b"M\x01"
NONCE_BYTES, TAG_BYTES = 12, 16
HEAD_BYTES = len(MAGIC) + 4

STEPS = tuple(2**power for power in (10, 14, 16, 17, 18, 19, 20, 21, 22))
"""Sizes that a content is padded to: 1 KB, 16 KB, 64 KB, and so on to 4 MB."""

MOST_BYTES = STEPS[-1] + HEAD_BYTES + NONCE_BYTES + TAG_BYTES
"""Largest message."""


class UnreadableError(Exception):
    """Not sealed with this key for this topic; `epoch` is what it claims, 0 when it claims nothing."""

    def __init__(self, epoch: int) -> None:
        super().__init__("cannot be opened")
        self.epoch = epoch


def seal(key: bytes, epoch: int, topic: str, content: bytes) -> bytes:
    """The message that holds the content; raises InputError when that is too large."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head = MAGIC + epoch.to_bytes(4, "big")
    nonce = secrets.token_bytes(NONCE_BYTES)
    return head + nonce + AESGCM(key).encrypt(nonce, _padded(content), head + topic.encode())


def open_(key: bytes, topic: str, message: bytes) -> bytes:
    """The content; raises UnreadableError."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not message.startswith(MAGIC) or not HEAD_BYTES + NONCE_BYTES + TAG_BYTES < len(message) <= MOST_BYTES:
        raise UnreadableError(0)
    head, nonce, locked = message[:HEAD_BYTES], message[HEAD_BYTES:][:NONCE_BYTES], message[HEAD_BYTES + NONCE_BYTES :]
    epoch = int.from_bytes(head[len(MAGIC) :], "big")
    try:
        padded = AESGCM(key).decrypt(nonce, locked, head + topic.encode())
    except InvalidTag:
        raise UnreadableError(epoch) from None
    size = int.from_bytes(padded[:4], "big")
    return padded[4 : 4 + size]


def _padded(content: bytes) -> bytes:
    whole = len(content).to_bytes(4, "big") + content
    step = next((step for step in STEPS if step >= len(whole)), None)
    if step is None:
        raise InputError(f"{len(content) // 1024} KB are more than the {STEPS[-1] // 1024} KB of a fleet's message")
    return whole.ljust(step, b"\0")
