"""systemd-creds as far as we use it: what one machine seals no other opens, nor under another name.

As a program: `MACHINE_SECRET=FILE python systemd_creds.py encrypt|decrypt [OPTION...] INPUT OUTPUT`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import sys
from pathlib import Path

OPTIONS = {"encrypt": {"--with-key", "--tpm2-pcrs", "--name"}, "decrypt": {"--name"}}


def main(command: str, *words: str) -> bytes:
    """What it writes; exits with the real one's words otherwise."""
    given = dict(word.partition("=")[::2] for word in words if word.startswith("--"))
    if unknown := given.keys() - OPTIONS[command]:
        sys.exit(f"systemd-creds: unrecognized option '{unknown.pop()}'")
    source, target = (word for word in words if not word.startswith("--"))
    assert target == "-", "only the standard output is used"
    content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    secret = Path(os.environ["MACHINE_SECRET"]).read_bytes()
    if command == "encrypt":
        assert given["--with-key"] == "auto"
        name = given["--name"].encode()
        locked = bytes([len(name)]) + name + os.urandom(16)
        locked += _mixed(content, secret + locked)
        return base64.encodebytes(locked + hmac.digest(secret, locked, "sha256"))
    try:
        whole = base64.b64decode(content, validate=False)
        locked, mark = whole[:-32], whole[-32:]
        sealed_as = locked[1 : 1 + locked[0]].decode()
    except (ValueError, IndexError):
        sys.exit("Failed to decrypt: Bad message")
    if not hmac.compare_digest(mark, hmac.digest(secret, locked, "sha256")):
        sys.exit("Failed to decrypt: Bad message")
    wanted = given.get("--name") or Path(source).name
    if sealed_as != wanted:
        sys.exit(f"Embedded credential name '{sealed_as}' does not match filename '{wanted}', refusing.")
    head = 1 + locked[0] + 16
    return _mixed(locked[head:], secret + locked[:head])


def _mixed(content: bytes, key: bytes) -> bytes:
    stream = hashlib.shake_256(key).digest(len(content))
    return bytes(one ^ other for one, other in zip(content, stream))


if __name__ == "__main__":
    sys.stdout.buffer.write(main(*sys.argv[1:]))
