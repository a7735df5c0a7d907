"""A machine whose systemd seals keys, without touching the secret of the machine that the tests run on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from appliance.store import sealing
from appliance.store.ownership import make_once
from tests.mofy_process import CHECKOUT


class Machine:
    """Whose secret lies in a folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on it is the machine that this test runs on, as root."""
        self._secret = folder / "machine-secret"
        self._patch = monkeypatch
        monkeypatch.setattr(sealing, "PROGRAM", "systemd-creds")
        programs = folder / "programs"
        programs.mkdir()
        program = programs / sealing.PROGRAM
        fake = CHECKOUT / "tests/fakes/systemd_creds.py"
        program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -IS '{fake}' \"$@\"\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        monkeypatch.setenv("MACHINE_SECRET", str(self._secret))
        monkeypatch.delenv(sealing.HANDED, raising=False)
        monkeypatch.setattr(sealing, "is_root", lambda: True)
        self.replace()

    def replace(self) -> None:
        """The same cards in another machine, or the machine's secret lost."""
        self._secret.write_bytes(os.urandom(32))
        sealing.unseal.cache_clear()

    def not_as_root(self) -> None:
        """The program is a service's, or a user's."""
        self._patch.setattr(sealing, "is_root", lambda: False)

    def too_old(self) -> None:
        """Its systemd knows nothing of sealing."""
        self._patch.setattr(sealing, "PROGRAM", "no-such-program")

    @staticmethod
    def seal(path: Path) -> None:
        """The key that lies open there lies sealed now."""
        make_once(sealing.sealed(path), sealing.seal(path.read_bytes(), path))
        path.unlink()
