"""What is wished reaches the line: the mode by way of the store, and covered whenever it cannot be read."""

import os
import threading
import time
from dataclasses import replace

import pytest

from appliance import config
from appliance.core.veiling import MaskedFrame
from appliance.errors import ConfigError
from appliance.live import wishes
from appliance.live.claims import Claims
from appliance.live.line import Line
from appliance.live.mask_maker import MaskMaker
from appliance.live.meter import Meter
from appliance.live.numbers import Numbers
from appliance.live.outlet import Outlet
from appliance.live.pace import Pace
from appliance.live.people_watch import ASK_EVERY_S, PeopleWatch
from appliance.live.terms import Terms
from appliance.live.wishes import Wishes
from appliance.pipeline import Pipeline, Settings
from appliance.store import DATABASE, KEY, Store
from tests.live.test_outlet import notices
from tests.scripted import BLACK, Seen, World, at, people
from tests.waiting import PATIENCE_S, awaited, slowness

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
        self.taken: list[float] = []

    def write(self, frame: MaskedFrame) -> None:
        self.entries.append((time.monotonic(), bool(frame.shown)))
        self.taken.append(frame.captured_at)

    def close(self) -> None:
        pass

    def wait_for(self, shown: bool, timeout_s: float = PATIENCE_S) -> float:
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
        from tests.scripted import TrueEmbedder

        world = World([[Seen("anna", at(160, 120, 60))] for _ in range(40)])
        pipeline = Pipeline(world, TrueEmbedder(world), BLACK, settings=settings)
        diary = Diary()
        outlet = Outlet([diary], BLACK, (320, 240), notices())
        mode = "cover-everyone" if settings.cover_everyone else "selective"
        options = config.load(changes={"window": {"live_frames": settings.window}, "look": {"mode": mode}})
        terms = Terms(options, None, MaskMaker(options.look, lambda _: BLACK))
        people_watch, claims = AnnaIsEnrolled(tmp_path, "m"), Claims("run", time.time, Numbers())
        running = Line(Endless(world), None, pipeline, people_watch, claims, terms, outlet, Meter(), Pace(), 30)
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


@pytest.mark.parametrize("harm", ["damaged", "gone", "nonsense"])
def test_the_slate_goes_only_by_a_plain_word(store, tmp_path, harm):
    """Whoever pressed the panic button must not see the picture come back because a disk failed."""
    store.set_setting(wishes.MODE, "slate", "test")
    before = wishes.wishes(tmp_path)
    assert before.mode == "slate"
    store.close()
    if harm == "damaged":
        (tmp_path / DATABASE).write_bytes(b"no database" * 500)
    elif harm == "gone":
        (tmp_path / DATABASE).unlink()
    else:
        store.set_setting(wishes.MODE, "selektiv", "test")
    assert wishes.wishes(tmp_path, before).mode == "slate"


def test_each_option_is_read_by_its_own_type(store, tmp_path):
    wished = {"style": "solid", "strength": "5", "margin": "0.5", "outline": "true", "window": "7", "record": "false"}
    for key, value in wished.items():
        store.set_setting(key, value, "test")
    read = wishes.wishes(tmp_path)
    assert read.options == {"style": "solid", "strength": 5, "margin": 0.5, "outline": True, "window": 7}
    assert (read.mode, read.record, read.faults) == ("selective", False, ())
    over = read.over(config.load())
    assert (over.look.style, over.look.strength, over.look.margin, over.look.outline) == ("solid", 5, 0.5, True)
    assert (over.window.live_frames, over.window.file_frames) == (7, 24)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("strength", "6"), ("strength", "0"), ("strength", "many"), ("strength", ""), ("margin", "-0.1"),
        ("margin", "nan"), ("margin", "inf"), ("outline", "perhaps"), ("window", "0"), ("window", "121"),
        ("style", "none"), ("style", "../solid"), ("style", ""), ("record", "perhaps"), ("style", "_x"),
    ],
)  # fmt: skip
def test_a_wish_that_means_nothing_leaves_what_was_wished_and_is_told(store, tmp_path, key, value):
    good = {"strength": "5", "margin": "0.75", "outline": "true", "window": "20", "style": "solid", "record": "true"}
    store.set_setting(key, good[key], "test")
    before = wishes.wishes(tmp_path)
    store.set_setting(key, value, "test")
    after = wishes.wishes(tmp_path, before)
    assert (after.options, after.record) == (before.options, before.record)
    (fault,) = after.faults
    assert key in fault
    with pytest.raises(ConfigError, match=key):
        wishes.checked(key, value)


def test_a_wish_that_is_taken_back_leaves_the_option(store, tmp_path):
    store.set_setting("strength", "5", "test")
    before = wishes.wishes(tmp_path)
    store.set_setting("strength", None, "test")
    assert wishes.wishes(tmp_path, before).options == {}


@pytest.mark.parametrize("wished", wishes.MODES)
@pytest.mark.parametrize("started", wishes.MODES)
def test_of_two_modes_the_stricter_holds(wished, started):
    over = Wishes(wished).over(config.load(changes={"look": {"mode": started}}))
    assert over.look.mode == wishes.MODES[max(wishes.MODES.index(wished), wishes.MODES.index(started))]


def test_what_is_stored_is_plain():
    assert [wishes.checked(*pair) for pair in (("outline", "on"), ("strength", " 4"), ("mode", "slate"))] == [
        "true", "4", "slate",
    ]  # fmt: skip
    for key, value in (("mode", "off"), ("nothing", "1"), ("picture", "/etc/passwd")):
        with pytest.raises(ConfigError, match=key):
            wishes.checked(key, value)


def test_the_watch_tells_a_new_mode_once(store, tmp_path):
    now = [0.0]
    watch = PeopleWatch(tmp_path, "m", lambda: now[0])
    assert watch.wishes.mode == "cover-everyone", "until the store was asked nobody may be shown"

    def asked() -> bool:
        now[0] += ASK_EVERY_S
        return watch.changed()

    assert (asked(), watch.wishes.mode) == (True, "selective")
    assert not asked()
    store.set_setting(wishes.MODE, "cover-everyone", "test")
    assert (asked(), watch.wishes.mode) == (True, "cover-everyone")
    assert not asked()
    store.set_setting(wishes.MODE, None, "test")
    assert (asked(), watch.wishes.mode) == (True, "selective")
    watch.close()


def test_the_running_line_obeys_in_time_and_comes_back(store, line):
    diary = line()
    diary.wait_for(shown=True)
    store.set_setting(wishes.MODE, "cover-everyone", "test")
    wished_at = time.monotonic()
    diary.wait_for(shown=False)
    time.sleep(0.6)
    late = [moment - wished_at for moment, shown in diary.entries if shown and moment > wished_at]
    assert max(late, default=0.0) < OBEYED_S * slowness()
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
    assert not [moment for moment, shown in diary.entries if shown and moment > lost_at + OBEYED_S * slowness()]
    diary.wait_for(shown=False)


def test_no_wish_shows_more_than_the_engine_was_started_for(store, line):
    store.set_setting(wishes.MODE, "selective", "test")
    diary = line(Settings(window=4, reach=4, cover_everyone=True))
    awaited(lambda: len(diary.entries) > 30)
    assert not [shown for _, shown in diary.entries if shown]


def test_the_slate_stops_the_picture_in_time_and_nothing_of_its_time_leaves_later(store, line):
    diary = line()
    diary.wait_for(shown=True)
    store.set_setting(wishes.MODE, "slate", "test")
    wished_at = time.monotonic()
    time.sleep(0.8)
    assert max((moment - wished_at for moment, _ in diary.entries), default=0.0) < OBEYED_S * slowness()
    store.set_setting(wishes.MODE, "selective", "test")
    back_at = time.monotonic()
    diary.wait_for(shown=True)
    assert min(taken for taken in diary.taken if taken > wished_at + OBEYED_S * slowness()) > back_at - 0.05


@pytest.mark.parametrize("mode", ["slate", "cover-everyone"])
def test_a_slow_step_lets_nothing_out_that_was_made_by_an_older_wish(store, line, mode, monkeypatch):
    diary = line()
    diary.wait_for(shown=True)
    began, gone = threading.Event(), threading.Event()
    step = Pipeline.step

    def slow(self: Pipeline, frame: object):
        made = step(self, frame)
        began.set()
        gone.wait(PATIENCE_S)
        return made

    monkeypatch.setattr(Pipeline, "step", slow)
    assert began.wait(PATIENCE_S)
    store.set_setting(wishes.MODE, mode, "test")
    time.sleep(2 * ASK_EVERY_S)
    so_far = len(diary.entries)
    monkeypatch.setattr(Pipeline, "step", step)
    gone.set()
    time.sleep(0.5)
    assert not [shown for _, shown in diary.entries[so_far:] if shown]


@pytest.mark.parametrize(
    ("stored", "meant"), [(None, None), ("on", "on"), ("mute", "mute"), ("Mute", "unknown"), ("", "unknown")]
)
def test_sound_is_heard_only_by_a_wish_that_is_understood_or_none(store, tmp_path, stored, meant):
    store.set_setting("mode", "selective", "test")
    if stored is not None:
        store.set_setting("sound", stored, "test")
    found = wishes.wishes(tmp_path)
    assert found.sound == meant
    assert any("sound is muted" in fault for fault in found.faults) == (meant == "unknown")


def test_what_cannot_be_read_is_muted_and_mute_goes_only_when_the_store_says_so(store, tmp_path):
    assert Wishes().sound == "unknown"
    store.set_setting("sound", "on", "test")
    heard = wishes.wishes(tmp_path)
    (tmp_path / DATABASE).write_bytes(b"no database")
    assert wishes.wishes(tmp_path, heard).sound == "unknown"
    assert wishes.wishes(tmp_path, replace(heard, sound="mute")).sound == "mute"
    assert wishes.wishes(tmp_path / "gone", replace(heard, sound="mute")).sound == "mute"
    assert wishes.wishes(tmp_path / "gone", heard).sound is None


@pytest.mark.parametrize(("key", "value"), [("sound", "off"), ("sound", "true"), ("disguise", "low")])
def test_no_other_sound_can_be_wished(key, value):
    with pytest.raises(ConfigError, match=key):
        wishes.checked(key, value)
