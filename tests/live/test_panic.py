"""The panic button works where nothing can be saved, and nothing that shows more is ever held."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.cli.set import command
from appliance.errors import StoreError
from appliance.live import panic
from appliance.live.people_watch import PeopleWatch
from appliance.store import Desired


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(folder))
    return folder


@pytest.fixture
def full(monkeypatch):
    """Fills the disk, until it is called again."""
    right = Desired.set_setting

    def fill(now: bool = True) -> None:
        def refuse(*_: object) -> None:
            raise StoreError("people.db: cannot be saved: the disk is full")

        monkeypatch.setattr(Desired, "set_setting", refuse if now else right)

    return fill


class Watched(PeopleWatch):
    """By a clock of its own, in which a frame comes thirty times a second."""

    def __init__(self, data, runtime) -> None:
        self.passed_s = 0.0
        super().__init__(data, "m", now=lambda: self.passed_s, runtime=runtime)

    def after(self, seconds: float) -> None:
        """Asked before each frame of so long."""
        end_at = self.passed_s + seconds
        while self.passed_s < end_at:
            self.changed()
            self.passed_s += 1 / 30


def watched(tmp_path, runtime) -> Watched:
    return Watched(tmp_path / "data", runtime)


def mode_soon(watch: Watched) -> str:
    watch.after(0.15)
    return watch.wishes.mode


@pytest.mark.parametrize("mode", ["slate", "cover-everyone"])
def test_on_a_full_disk_it_is_held_obeyed_in_time_and_given_up_once_something_is_saved(tmp_path, runtime, full, mode):
    data, watch = tmp_path / "data", watched(tmp_path, runtime)
    assert panic.wish_mode(data, "selective", "test") is None
    assert mode_soon(watch) == "selective"
    full()
    assert "disk is full" in (panic.wish_mode(data, mode, "test") or "")
    assert mode_soon(watch) == mode
    full(False)
    assert panic.wish_mode(data, "selective", "test") is None
    assert mode_soon(watch) == "selective"
    assert list(runtime.iterdir()) == []
    watch.close()


def test_it_holds_for_an_engine_that_starts_later(tmp_path, runtime, full):
    full()
    panic.wish_mode(tmp_path / "data", "slate", "test")
    watch = watched(tmp_path, runtime)
    assert mode_soon(watch) == "slate"
    watch.close()


def test_what_was_only_held_is_taken_back_without_saving(tmp_path, runtime, full):
    full()
    panic.wish_mode(tmp_path / "data", "slate", "test")
    assert panic.wish_mode(tmp_path / "data", "selective", "test") is None
    assert panic.held(runtime) == "selective"


def test_nothing_that_shows_more_than_was_saved_is_held(tmp_path, runtime, full):
    panic.wish_mode(tmp_path / "data", "cover-everyone", "test")
    full()
    with pytest.raises(StoreError, match="full"):
        panic.wish_mode(tmp_path / "data", "selective", "test")
    panic.wish_mode(tmp_path / "data", "slate", "test")
    with pytest.raises(StoreError, match="full"):
        panic.wish_mode(tmp_path / "data", "selective", "test")
    assert panic.held(runtime) == "slate"


def test_where_it_cannot_be_held_either_the_reason_is_the_stores(tmp_path, runtime, full):
    full()
    runtime.rmdir()
    runtime.write_text("no folder")
    with pytest.raises(StoreError, match="full"):
        panic.wish_mode(tmp_path / "data", "slate", "test")


@pytest.mark.parametrize("content", [b"", b"selectiv", b"\xff\xff"])
def test_what_is_held_and_cannot_be_understood_covers_everyone(runtime, content):
    (runtime / panic.HELD).write_bytes(content)
    assert panic.held(runtime) == "cover-everyone"


def test_the_command_line_says_so_and_does_it(tmp_path, runtime, full):
    full()
    done = CliRunner().invoke(command, ["--data", str(tmp_path / "data"), "mode", "slate"])
    assert done.exit_code == 0
    assert "mode: slate" in done.output
    assert "until it can be saved" in done.output
    assert panic.held(runtime) == "slate"


def then(monkeypatch, usual, deed):
    """Desired.set_setting, after which, and before anything else, something else is pressed."""

    def saved_then(*wished):
        usual(*wished)
        monkeypatch.setattr(Desired, "set_setting", usual)
        deed()

    monkeypatch.setattr(Desired, "set_setting", saved_then)


def test_a_panic_button_that_is_held_while_another_wish_is_saved_is_not_released_with_it(
    tmp_path, runtime, full, monkeypatch
):
    """The disk fills between the two: the slate was pressed after the wish that is being saved."""

    def panics():
        full()
        panic.wish_mode(tmp_path / "data", "slate", "other phone")

    then(monkeypatch, Desired.set_setting, panics)
    assert panic.wish_mode(tmp_path / "data", "selective", "test") is None
    assert panic.held(runtime) == "slate"


def test_what_another_holds_while_it_is_taken_back_stays(tmp_path, runtime, full, monkeypatch):
    full()
    panic.wish_mode(tmp_path / "data", "cover-everyone", "test")
    read = Desired.settings

    def then_panics(asked):
        found = read(asked)
        monkeypatch.setattr(Desired, "settings", read)
        panic.wish_mode(tmp_path / "data", "slate", "other phone")
        return found

    monkeypatch.setattr(Desired, "settings", then_panics)
    assert panic.wish_mode(tmp_path / "data", "selective", "test") is None
    assert panic.held(runtime) == "slate"


def test_what_is_held_is_held_whole_at_every_moment(tmp_path, runtime, full, monkeypatch):
    """A slate pressed again must not be less than a slate in between."""
    full()
    panic.wish_mode(tmp_path / "data", "slate", "test")
    seen, write = [], Path.write_text

    def looked_at(path, text, **how):
        path.open("w").close()
        seen.append(panic.held(runtime))
        return write(path, text, **how)

    monkeypatch.setattr(Path, "write_text", looked_at)
    panic.wish_mode(tmp_path / "data", "slate", "test")
    assert seen == ["slate"]


def test_what_is_held_without_a_word_is_released_too(tmp_path, runtime):
    (runtime / panic.HELD).touch()
    assert panic.held(runtime) == "cover-everyone"
    panic.wish_mode(tmp_path / "data", "selective", "test")
    assert panic.held(runtime) == "selective"
