"""A store of the test's own."""

import os
import tempfile
from pathlib import Path

import pytest

from appliance.store import Store
from tests.store.faults import NOBODY_ID


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def store(folder):
    opened = Store.open(folder, create=True)
    yield opened
    opened.close()


@pytest.fixture
def foreign_folder():
    """A folder that the unprivileged user can reach and owns."""
    with tempfile.TemporaryDirectory(prefix="mofy-") as name:
        if os.geteuid() == 0:
            os.chown(name, NOBODY_ID, NOBODY_ID)
        yield Path(name)
