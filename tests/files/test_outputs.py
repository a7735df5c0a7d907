"""An output is whole or not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from appliance.errors import InputError
from appliance.files.outputs import is_part, whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_was_written_is_there_afterwards(tmp_path):
    with whole(tmp_path / "a.mp4") as part:
        assert part.suffix == ".mp4"
        assert is_part(part)
        part.write_text("all of it")
        assert names(tmp_path) == [part.name]
    assert names(tmp_path) == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_text() == "all of it"


@pytest.mark.parametrize("failure", [OSError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_nothing_is_left_when_it_ends_early(tmp_path, failure):
    with pytest.raises(failure):
        write_half(tmp_path / "a.mp4", failure)
    assert names(tmp_path) == []


def write_half(place: Path, failure: type[BaseException], *, overwrite: bool = False) -> None:
    with whole(place, overwrite=overwrite) as part:
        part.write_text("half")
        raise failure


def test_what_is_there_stays_unless_it_may_be_replaced(tmp_path):
    place = tmp_path / "a.mp4"
    place.write_text("old")
    with pytest.raises(InputError, match="exists already"), whole(place):
        pytest.fail("the block must not begin")
    with pytest.raises(KeyError):
        write_half(place, KeyError, overwrite=True)
    assert place.read_text() == "old"
    with whole(place, overwrite=True) as part:
        part.write_text("new")
    assert place.read_text() == "new"


def test_what_came_meanwhile_stays(tmp_path):
    writing = whole(tmp_path / "a.mp4")
    writing.__enter__().write_text("ours")
    (tmp_path / "a.mp4").write_text("somebody else's")
    with pytest.raises(InputError, match="exists already"):
        writing.__exit__(None, None, None)
    assert (tmp_path / "a.mp4").read_text() == "somebody else's"
    assert names(tmp_path) == ["a.mp4"]


def test_a_link_to_nowhere_counts_as_taken(tmp_path):
    (tmp_path / "a.mp4").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="exists already"), whole(tmp_path / "a.mp4"):
        pytest.fail("the block must not begin")


def test_a_folder_is_never_replaced(tmp_path):
    (tmp_path / "a.mp4").mkdir()
    with pytest.raises(InputError, match="is a folder"), whole(tmp_path / "a.mp4", overwrite=True):
        pytest.fail("the block must not begin")


def test_the_half_file_is_private_and_the_whole_one_as_the_user_likes(tmp_path):
    before = os.umask(0o027)
    try:
        with whole(tmp_path / "a.mp4") as part:
            assert part.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)
    assert (tmp_path / "a.mp4").stat().st_mode & 0o777 == 0o640


def test_very_long_names_are_possible(tmp_path):
    place = tmp_path / ("하" * 80 + ".mp4")
    with whole(place) as part:
        part.write_text("x")
    assert place.read_text() == "x"
