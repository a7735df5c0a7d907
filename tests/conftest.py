"""What every test has: nobody's real people, quiet libraries, quick tests first, the face photos if they are here."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from appliance import scene_photos
from tests.workers import ONE_AT_A_TIME, is_shared, pytest_xdist_make_scheduler

__all__ = ["pytest_xdist_make_scheduler"]

CHECKOUT = Path(__file__).resolve().parents[1]
SLOWEST_LAST = ("contracts", "golden", "cli", "e2e", "benchmarks")
"""Folders whose tests come after all others, in this order: a broken unit is told within seconds."""

# A machine that is busy with other tests is no reason to fail a property.
settings.register_profile("steady", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# Errors reach the tests through the bus; the debug log would only hide pytest's own words.
os.environ["GST_DEBUG"] = "0"
os.environ["GST_DEBUG_NO_COLOR"] = "1"

# Who begins the suite in the background has Ctrl-C ignored, in all that it starts, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Unit tests first, then those that take long; the order within a file stays."""
    items.sort(key=_lateness)
    if is_shared(config):
        # One worker begins at once with the longest share; a broken unit is told within seconds by the other.
        items.sort(key=lambda item: not item.nodeid.startswith(ONE_AT_A_TIME))


def _lateness(item: pytest.Item) -> int:
    places = [1 + SLOWEST_LAST.index(part) for part in item.path.relative_to(CHECKOUT).parts if part in SLOWEST_LAST]
    return max(places, default=0)


@pytest.fixture(autouse=True, scope="session")
def _nobodys_people(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads or writes the people of whoever runs it, even by mistake."""
    os.environ["MOFY_DATA"] = str(tmp_path_factory.mktemp("nobodys-people"))


@pytest.fixture(autouse=True)
def _no_more_than_its_share() -> Iterator[None]:
    """No test may leave this process real-time: all that later tests start would starve the machine."""
    yield
    assert os.sched_getscheduler(0) not in (os.SCHED_FIFO, os.SCHED_RR), "a library in this test made it real-time"


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test's own, that MOFY_DATA names; it does not exist yet."""
    folder = tmp_path / "mofy data"
    monkeypatch.setenv("MOFY_DATA", str(folder))
    return folder


@pytest.fixture(scope="session")
def photos() -> Path:
    """The folder of the staged scene's face photos, all whole; skips where they were not fetched."""
    folder = CHECKOUT / ".cache" / "photos"
    missing = scene_photos.missing(folder)
    if missing:
        pytest.skip(f"face photos are not here ({', '.join(missing)}): ./install.sh setup fetches them")
    return folder
