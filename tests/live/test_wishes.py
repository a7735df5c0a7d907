"""What is wished reaches the line: the mode by way of the store, and covered whenever it cannot be read."""

import os
import time
from dataclasses import replace

import pytest

from appliance.core.veiling import MaskedFrame
from appliance.live import wishes
from appliance.live.line import Line
from appliance.live.meter import Meter
from appliance.live.outlet import Outlet
from appliance.live.people_watch import ASK_EVERY_S, PeopleWatch
from appliance.pipeline import Pipeline, Settings
from appliance.store import DATABASE, KEY, Store
from tests.scripted import BLACK, Seen, World, at, people

OBEYED_S = 0.15
"""The promise: so long after a wish the last frame against it has left."""


@pytest.fixture
def store(tmp_path):
    return Store.open(tmp_path, create=True)


class Endless:
    """A camera that always has the next frame of a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._index = 0

    def read(self, timeout_s: float):
        time.sleep(0.01)
        self._index += 1
        return replace(self._world.frame(self._index % len(self._world.script)), captured_at=time.monotonic())

    def close(self) -> None:
        pass


class Diary:
    """A sink that notes when somebody was shown."""

    fault = None

    def __init__(self) -> None:
        self.entries: list[tuple[float, bool]] = []

    def write(self, frame: MaskedFrame) -> None:
        self.entries.append((time.monotonic(), bool(frame.shown)))

    def close(self) -> None:
        pass

    def wait_for(self, shown: bool, timeout_s: float = 5.0) -> float:
        """When the first frame from now on left that shows somebody, or nobody."""
        begin, end_at = len(self.entries), time.monotonic() + timeout_s
        while time.monotonic() < end_at:
            for moment, seen in self.entries[begin:]:
                if seen == shown:
                    return moment
            time.sleep(0.005)
        raise AssertionError(f"no frame within {timeout_s} s that shows {'somebody' if shown else 'nobody'}")


class AnnaIsEnrolled(PeopleWatch):
    """The store's mode as it is, and anna for its people."""

    def changed(self) -> bool:
        """See PeopleWatch."""
        news = super().changed()
        self.people = people("anna")
        return news


@pytest.fixture
def line(tmp_path):
    """Makes a running line in which anna stands; ends it."""
    made = []

    def start(settings: Settings = Settings(window=4, reach=4)) -> Diary:
        from tests.scripted import _TrueEmbedder

        world = World([[Seen("anna", at(160, 120, 60))] for _ in range(40)])
        pipeline = Pipeline(world, _TrueEmbedder(world), BLACK, settings=settings)
        diary = Diary()
        outlet = Outlet([diary], BLACK, (320, 240))
        running = Line(Endless(world), None, pipeline, AnnaIsEnrolled(tmp_path, "m"), outlet, Meter(), 30)
        running.start()
        made.append(running)
        return diary

    yield start
    for running in made:
        running.stop(2)
        assert running.fault is None


def test_nothing_wished_is_selective(store, tmp_path):
    assert wishes.wished_mode(tmp_path) == "selective"


def test_no_store_is_no_wish(tmp_path):
    assert wishes.wished_mode(tmp_path / "missing") == "selective"


@pytest.mark.parametrize("value", ["", "Selective", "off", "null", "cover-everyone", "선택"])
def test_whatever_is_not_plainly_selective_covers(store, tmp_path, value):
    store.set_setting(wishes.MODE, value, "test")
    assert wishes.wished_mode(tmp_path) == "cover-everyone"


def test_a_damaged_store_covers(store, tmp_path):
    store.close()
    (tmp_path / DATABASE).write_bytes(b"no database" * 500)
    assert wishes.wished_mode(tmp_path) == "cover-everyone"


def test_a_store_without_its_table_covers(store, tmp_path):
    from appliance.store import database

    with database.writing(tmp_path / DATABASE) as db:
        db.execute("DROP TABLE settings")
    assert wishes.wished_mode(tmp_path) == "cover-everyone"


def test_a_lost_key_hides_no_wish(store, tmp_path):
    """Whoever lost the key can still be read to have wished everyone covered."""
    store.set_setting(wishes.MODE, "cover-everyone", "test")
    (tmp_path / KEY).unlink()
    assert wishes.wished_mode(tmp_path) == "cover-everyone"


def test_the_watch_tells_a_new_mode_once(store, tmp_path):
    now = [0.0]
    watch = PeopleWatch(tmp_path, "m", lambda: now[0])
    assert watch.mode == "cover-everyone", "until the store was asked nobody may be shown"

    def asked() -> bool:
        now[0] += ASK_EVERY_S
        return watch.changed()

    assert (asked(), watch.mode) == (True, "selective")
    assert not asked()
    store.set_setting(wishes.MODE, "cover-everyone", "test")
    assert (asked(), watch.mode) == (True, "cover-everyone")
    assert not asked()
    store.set_setting(wishes.MODE, None, "test")
    assert (asked(), watch.mode) == (True, "selective")
    watch.close()


def test_the_running_line_obeys_in_time_and_comes_back(store, line):
    diary = line()
    diary.wait_for(shown=True)
    store.set_setting(wishes.MODE, "cover-everyone", "test")
    wished_at = time.monotonic()
    diary.wait_for(shown=False)
    time.sleep(0.6)
    late = [moment - wished_at for moment, shown in diary.entries if shown and moment > wished_at]
    assert max(late, default=0.0) < OBEYED_S
    store.set_setting(wishes.MODE, "selective", "test")
    diary.wait_for(shown=True)


def test_the_running_line_covers_when_the_store_is_lost(store, line, tmp_path):
    diary = line()
    diary.wait_for(shown=True)
    store.close()
    damaged = tmp_path / "damaged"
    damaged.write_bytes(os.urandom(9000))
    damaged.replace(tmp_path / DATABASE)
    lost_at = time.monotonic()
    time.sleep(0.6)
    assert not [moment for moment, shown in diary.entries if shown and moment > lost_at + OBEYED_S]
    assert not diary.entries[-1][1]


def test_no_wish_shows_more_than_the_engine_was_started_for(store, line):
    store.set_setting(wishes.MODE, "selective", "test")
    diary = line(Settings(window=4, reach=4, cover_everyone=True))
    time.sleep(1.0)
    assert diary.entries
    assert not [shown for _, shown in diary.entries if shown]
