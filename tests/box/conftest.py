"""No test of boxes seals anything with the secret of the machine it runs on."""

from __future__ import annotations

import pytest

from tests.sealer import Machine


@pytest.fixture(autouse=True)
def machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Where the box is installed."""
    return Machine(tmp_path_factory.mktemp("machine"), monkeypatch)
