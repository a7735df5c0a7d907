"""A box below a folder: nobody waits long for it, and it seals nothing with the secret of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.box import health
from appliance.box.places import Places
from appliance.store import sealing


@pytest.fixture(autouse=True)
def _no_sealing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "PROGRAM", "no-such-program")


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A box on which nothing is installed yet."""
    monkeypatch.setattr(health, "STEADY_S", 0.05)
    monkeypatch.setattr(health, "SETTLED_S", 0.5)
    places = Places(tmp_path)
    places.data.mkdir(parents=True)
    return places
