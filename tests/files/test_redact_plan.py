"""Which file goes where; settled, and refused, before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from appliance.errors import InputError
from appliance.files.media_kind import Kind
from appliance.files.redact_plan import plan

PHOTO = Image.new("RGB", (8, 8))


def photo(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PHOTO.save(path, format="JPEG")
    return path


def video(path: Path) -> Path:
    """Enough of a film to be planned for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x00\x00\x00\x18ftypisom" + b"\x00" * 100)
    return path


def targets(inputs: list[Path], out: Path, *, overwrite: bool = False) -> dict[str, str]:
    """Source name to target, seen from OUT."""
    return {
        str(job.source.name): str(job.target.relative_to(out)) for job in plan(inputs, out, overwrite=overwrite).jobs
    }


def test_one_file_goes_to_the_very_name(tmp_path):
    job = plan([photo(tmp_path / "a.jpg")], tmp_path / "b.png", overwrite=False).jobs[0]
    assert (job.target, job.kind, job.name_is_given) == (tmp_path / "b.png", Kind.PHOTO, True)


def test_one_file_goes_into_a_folder_that_is_there(tmp_path):
    (tmp_path / "out").mkdir()
    assert targets([photo(tmp_path / "a.jpg")], tmp_path / "out") == {"a.jpg": "a.jpg"}


def test_a_tree_is_kept(tmp_path):
    photo(tmp_path / "in" / "a.jpg")
    video(tmp_path / "in" / "b" / "c" / "d.mov")
    assert targets([tmp_path / "in"], tmp_path / "out") == {"a.jpg": "a.jpg", "d.mov": "b/c/d.mov"}


def test_several_folders_keep_their_names(tmp_path):
    photo(tmp_path / "one" / "a.jpg")
    photo(tmp_path / "two" / "b.jpg")
    photo(tmp_path / "c.jpg")
    inputs = [tmp_path / "one", tmp_path / "two", tmp_path / "c.jpg"]
    assert targets(inputs, tmp_path / "out") == {"a.jpg": "one/a.jpg", "b.jpg": "two/b.jpg", "c.jpg": "c.jpg"}


def test_names_change_where_the_format_must(tmp_path):
    for name in ("a.avi", "b.webm", "c.MP4", "d.gif", "e"):
        video(tmp_path / "in" / name)
    photo(tmp_path / "in" / "f.bmp")
    photo(tmp_path / "in" / "g.JPG")
    found = targets([tmp_path / "in"], tmp_path / "out")
    assert found == {"a.avi": "a.mp4", "b.webm": "b.mp4", "c.MP4": "c.MP4", "d.gif": "d.gif", "e": "e.mp4",
                     "f.bmp": "f.jpg", "g.JPG": "g.JPG"} | {"d.gif": "d.mp4"}  # fmt: skip


def test_names_that_would_fall_together_are_kept_apart(tmp_path):
    for name in ("a.avi", "a.mp4", "a.webm"):
        video(tmp_path / "in" / name)
    found = targets([tmp_path / "in"], tmp_path / "out")
    assert found == {"a.avi": "a.avi.mp4", "a.mp4": "a.mp4", "a.webm": "a.webm.mp4"}


def test_hidden_files_earlier_outputs_and_other_files(tmp_path):
    photo(tmp_path / "in" / "a.jpg")
    photo(tmp_path / "in" / ".hidden.jpg")
    photo(tmp_path / "in" / ".cache" / "b.jpg")
    photo(tmp_path / "in" / "out" / "c.jpg")
    (tmp_path / "in" / "notes.txt").write_text("hello")
    (tmp_path / "in" / "broken.jpg").write_text("hello")
    found = plan([tmp_path / "in"], tmp_path / "in" / "out", overwrite=True)
    assert [(job.source.name, job.kind) for job in found.jobs] == [("a.jpg", Kind.PHOTO), ("broken.jpg", Kind.UNKNOWN)]
    assert [path.name for path in found.passed_over] == ["notes.txt"]


def test_a_file_that_was_named_is_never_passed_over(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    found = plan([tmp_path / "notes.txt", photo(tmp_path / "a.jpg")], tmp_path / "out", overwrite=False)
    assert [job.source.name for job in found.jobs] == ["notes.txt", "a.jpg"]


def refused(inputs: list[Path], out: Path, why: str, *, overwrite: bool = True) -> None:
    with pytest.raises(InputError, match=why) as told:
        plan(inputs, out, overwrite=overwrite)
    assert "\n" not in str(told.value)


def test_an_input_that_is_not_there(tmp_path):
    refused([tmp_path / "a.jpg"], tmp_path / "b.jpg", "there is no such file or folder")


def test_several_inputs_do_not_go_into_one_file(tmp_path):
    a, b = photo(tmp_path / "a.jpg"), photo(tmp_path / "b.jpg")
    photo(tmp_path / "c.jpg")
    refused([a, b], tmp_path / "c.jpg", "OUT must be a folder")


def test_a_folder_does_not_go_into_a_file(tmp_path):
    photo(tmp_path / "in" / "a.jpg")
    photo(tmp_path / "c.jpg")
    refused([tmp_path / "in"], tmp_path / "c.jpg", "OUT must be a folder")


def test_an_output_in_a_folder_that_is_not_there(tmp_path):
    refused([photo(tmp_path / "a.jpg")], tmp_path / "typo" / "b.jpg", "there is no folder")


def test_an_existing_output(tmp_path):
    a, b = photo(tmp_path / "a.jpg"), photo(tmp_path / "b.jpg")
    refused([a], b, "exists already", overwrite=False)
    assert plan([a], b, overwrite=True).jobs


def test_the_original_is_never_written_over(tmp_path):
    a = photo(tmp_path / "in" / "a.jpg")
    (tmp_path / "link.jpg").symlink_to(a)
    (tmp_path / "hard.jpg").hardlink_to(a)
    (tmp_path / "door").symlink_to(tmp_path / "in")
    for inputs, out in [
        ([a], a),
        ([a], tmp_path / "link.jpg"),
        ([a], tmp_path / "hard.jpg"),
        ([tmp_path / "link.jpg"], a),
        ([a], tmp_path / "in"),
        ([tmp_path / "in"], tmp_path / "in"),
        ([tmp_path / "in"], tmp_path / "door"),
        ([tmp_path / "door"], tmp_path / "in"),
        ([a], tmp_path / "in" / ".." / "in" / "a.jpg"),
    ]:
        refused(inputs, out, "never written over")
    assert a.read_bytes()[:2] == b"\xff\xd8"


def test_an_output_on_another_input(tmp_path):
    video(tmp_path / "in" / "a.avi")
    b = video(tmp_path / "out" / "a.mp4")
    refused([tmp_path / "in", b], tmp_path / "out", "never written over")


def test_two_inputs_of_one_name(tmp_path):
    a, b = photo(tmp_path / "x" / "a.jpg"), photo(tmp_path / "y" / "a.jpg")
    refused([a, b], tmp_path / "out", "would both become")


def test_a_loop_of_links_ends(tmp_path):
    photo(tmp_path / "in" / "a.jpg")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "in")
    assert targets([tmp_path / "in"], tmp_path / "out") == {"a.jpg": "a.jpg"}


def test_a_pipe_is_not_waited_for(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe.mp4")
    assert plan([tmp_path / "pipe.mp4"], tmp_path / "b.mp4", overwrite=False).jobs[0].kind is Kind.UNKNOWN
