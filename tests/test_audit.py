"""The audit as a whole, on staged clips whose truth is known: the controls, who may be bare, one bare stranger."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from appliance import audit, bench, enrolment
from appliance.audit import Auditor
from appliance.auditing import models
from appliance.capture._stage import Stage
from appliance.config import load
from appliance.core.veiling import Cover, veil
from appliance.errors import InputError
from appliance.files.video_reader import Shape
from appliance.files.video_writer import Encoding, VideoWriter
from appliance.masks import MaskOptions
from appliance.parts import part

FIRST, FRAMES, SIZE, FPS = 260, 40, (640, 360), 30


@pytest.fixture(scope="session")
def judge_models() -> None:
    missing = models.missing()
    if missing:
        pytest.skip(f"the judge's models are not here ({', '.join(m.file for m in missing)}): {models.FETCH}")


def write(
    path: Path, stage: Stage, covered: Callable[[str, int], bool], frames: int = FRAMES, first: int = FIRST
) -> Path:
    """The staged scene as a video, with those covered whom the function names for a frame."""
    shape = Shape(
        stage.width, stage.height, "yuv420p", Fraction(1, FPS), Fraction(FPS), Fraction(1), False, 2, 2, 2, False
    )
    mask = part("masks", "mosaic").build(MaskOptions())
    writer = VideoWriter(path, shape, (), Encoding(preset="ultrafast"))
    for index in range(frames):
        faces = [one.box for one in stage.truth(first + index) if covered(one.person, index)]
        covers = [Cover(box.grown(0.3 * box.width, 0.3 * box.height), at) for at, box in enumerate(faces)]
        writer.write(veil(stage.frame(first + index), covers, mask), index, 1)
    writer.close()
    return path


@pytest.fixture(scope="module")
def staged(photos, judge_models, tmp_path_factory) -> dict[str, Path]:
    """One original, and what different maskers made of it."""
    folder, stage = tmp_path_factory.mktemp("staged"), Stage(photos, *SIZE, FPS)
    maskers = {
        "original": lambda person, index: False,
        "all covered": lambda person, index: True,
        "strangers covered": lambda person, index: person != "obama",
        "biden bare": lambda person, index: person != "biden" or not 10 <= index < 20,
    }
    clips = {name: write(folder / f"{name}.mp4", stage, covered) for name, covered in maskers.items()}
    clips["short"] = write(folder / "short.mp4", stage, maskers["all covered"], FRAMES - 3)
    clips["late"] = write(folder / "late.mp4", stage, maskers["original"], first=FIRST - 4)
    clips["another time"] = write(folder / "another time.mp4", stage, maskers["original"], first=0)
    clips["small"] = write(folder / "small.mp4", Stage(photos, 320, 180, FPS), maskers["all covered"])
    return clips


@pytest.fixture(scope="module")
def watched(photos, staged) -> audit.Watched:
    """What the meter sees of the original, with one person known."""
    loaded = load()
    sitting = enrolment.look([photos / name for name in bench.ENROL_PHOTOS], enrolment.models(loaded), [])
    return Auditor({"Obama": [template.crop for template in sitting.templates]}).watch(staged["original"])


def test_the_original_against_itself_is_bare_throughout(staged, watched):
    judgement = audit.judge(watched, staged["original"], staged["original"])
    whole = judgement.figures.all_sizes
    assert whole.faces > 3 * FRAMES
    assert whole.bare == whole.faces
    assert not judgement.clean
    assert judgement.sheet.picture() is not None


def test_with_all_covered_nothing_is_bare(staged, watched):
    judgement = audit.judge(watched, staged["original"], staged["all covered"])
    assert judgement.figures.all_sizes.bare == 0
    assert judgement.clean
    assert judgement.sheet.picture() is None


def test_the_enrolled_may_be_bare(staged, watched):
    judgement = audit.judge(watched, staged["original"], staged["strangers covered"])
    assert judgement.clean
    assert judgement.figures.known_sure > 0.8 * FRAMES
    assert judgement.figures.shown_percent == 100


def test_a_stranger_bare_for_ten_frames_is_found_in_these_ten(staged, watched):
    judgement = audit.judge(watched, staged["original"], staged["biden bare"])
    assert not judgement.clean
    bare = {face.sighting.frame for face in judgement.judged if face.bare}
    assert bare == set(range(10, 20))
    assert judgement.figures.stranger_tracks_bare == 1


def test_without_people_everybody_is_a_stranger(staged):
    judgement = Auditor().audit(staged["original"], staged["strangers covered"], every=3)
    assert not judgement.clean
    assert judgement.figures.all_sizes.strangers == judgement.figures.all_sizes.faces
    assert {face.sighting.frame % 3 for face in judgement.judged} == {0}


@pytest.mark.parametrize(
    ("other", "reason"), [("late", "shows everything 4 frames later"), ("another time", "shows other pictures")]
)
def test_what_shows_something_else_is_no_pair_though_it_is_as_long_and_large(staged, other, reason):
    with pytest.raises(InputError, match=reason):
        audit.check_pair(staged["original"], staged[other])


def test_what_is_only_covered_is_a_pair(staged):
    for name in ("original", "all covered", "biden bare"):
        audit.check_pair(staged["original"], staged[name])


@pytest.mark.parametrize(("other", "reason"), [("short", "after 37 frames"), ("small", "320x180")])
def test_what_is_no_pair_is_refused_in_one_line(staged, watched, other, reason):
    with pytest.raises(InputError, match=reason) as refused:
        audit.judge(watched, staged["original"], staged[other])
    assert "\n" not in str(refused.value)
