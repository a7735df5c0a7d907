"""Photos and clips of painted people: which are taken, and why others are not."""

import os
from pathlib import Path

import pytest

from appliance.enrolment import Models, look
from tests.enrolment.seen import names
from tests.painted import MODELS, photo, saved, scene
from tests.selfie.filmed import DETECTOR, EMBEDDER, film, stay

TURNING = Models(DETECTOR, EMBEDDER, "painted")


def test_good_photos_are_taken_in_their_order(tmp_path):
    paths = [photo(tmp_path / f"{i}.png", "ann", seed=i) for i in range(3)]
    accepted, refused = names(look(paths, MODELS, []))
    assert (accepted, refused) == (["0", "1", "2"], {})


def test_each_bad_photo_is_told_and_the_others_go_on(tmp_path):
    (tmp_path / "text.jpg").write_text("no photo")
    paths = [
        photo(tmp_path / "good.png", "ann"),
        tmp_path / "text.jpg",
        tmp_path / "missing.jpg",
        saved(tmp_path / "empty.png", scene()),
        saved(tmp_path / "small.png", scene(("ann", 200, (40, 50)))),
        photo(tmp_path / "also good.png", "ann", seed=5),
    ]
    accepted, refused = names(look(paths, MODELS, []))
    assert accepted == ["good", "also good"]
    assert set(refused) == {"text", "missing", "empty", "small"}
    assert not any(str(tmp_path) in reason for reason in refused.values()), "the photo's name stands beside the reason"


@pytest.mark.parametrize("order", [("ann", "ann", "ben"), ("ben", "ann", "ann"), ("ann", "ben", "ann", "cho")])
def test_a_stranger_among_the_photos_is_refused_wherever_he_stands(tmp_path, order):
    paths = [photo(tmp_path / f"{i} {who}.png", who, seed=i) for i, who in enumerate(order)]
    accepted, refused = names(look(paths, MODELS, []))
    assert all(name.endswith("ann") for name in accepted)
    assert len(accepted) == order.count("ann")
    assert all("does not look like" in reason for reason in refused.values())


def test_who_is_enrolled_decides_who_is_a_stranger(tmp_path):
    known = look([photo(tmp_path / "known.png", "ann")], MODELS, []).templates
    paths = [photo(tmp_path / f"{i}.png", "ben", seed=i) for i in range(1, 4)]
    assert look(paths, MODELS, known).accepted == ()
    assert len(look(paths, MODELS, known, force=True).accepted) == 3


def test_the_same_photo_twice_counts_once(tmp_path):
    first = photo(tmp_path / "a.png", "ann")
    again = photo(tmp_path / "b.png", "ann")
    accepted, refused = names(look([first, again], MODELS, [], force=True))
    assert accepted == ["a"]
    assert "nearly the same photo" in refused["b"]
    known = look([first], MODELS, []).templates
    assert "stored already" in names(look([again], MODELS, known))[1]["b"]


def test_a_choice_counts_in_every_photo_with_several(tmp_path):
    pair = scene(("ann", 60, (160, 200)), ("ben", 400, (160, 200)))
    paths = [saved(tmp_path / "pair.png", pair), photo(tmp_path / "alone.png", "ben", seed=3)]
    accepted, refused = names(look(paths, MODELS, [], choice=2))
    assert accepted == ["pair"]
    assert "one face" in refused["alone"]


def clip(path, who="ann", frames=50):
    return film(path, stay(who, frames, step=1, seed=frames))


def test_a_clip_gives_several_templates_and_is_told_once(tmp_path):
    sitting = look([photo(tmp_path / "a.png", "ann", 3), clip(tmp_path / "b.mp4")], TURNING, [])
    assert sitting.refused == ()
    (footage,) = sitting.footage
    assert not sitting.is_one_clip
    assert look([tmp_path / "b.mp4"], TURNING, []).is_one_clip
    taken = [path.name for path, _ in sitting.accepted]
    assert taken == ["a.png"] + ["b.mp4"] * (len(taken) - 1)
    assert sum(footage.views.values()) == len(taken) - 1 > 1
    assert all(template.model == "painted" for template in sitting.templates)


def test_a_clip_of_somebody_else_is_refused_in_one_line(tmp_path):
    known = look([photo(tmp_path / f"{i}.png", "ann", i) for i in range(3)], TURNING, []).templates
    sitting = look([clip(tmp_path / "b.mp4", "eve")], TURNING, known)
    assert (sitting.accepted, sitting.footage) == ((), ())
    assert names(sitting)[1].keys() == {"b"}
    assert len(sitting.refused) == 1
    assert look([tmp_path / "b.mp4"], TURNING, known, force=True).footage


def test_the_same_clip_again_gives_nothing_new(tmp_path):
    path = clip(tmp_path / "a.mp4")
    twice = look([path, path], TURNING, [])
    assert len(twice.templates) == len(look([path], TURNING, []).templates)
    again = look([path], TURNING, twice.templates)
    assert again.accepted == ()
    (refusal,) = again.refused
    assert "stored already" in refusal.reason


def test_a_bad_clip_is_told_without_its_name_and_the_rest_goes_on(tmp_path):
    (tmp_path / "bad.mp4").write_bytes(b"\0\0\0\x20ftypisom" + b"\xff" * 999)
    empty = film(tmp_path / "empty.mp4", [scene()] * 10)
    sitting = look([tmp_path / "bad.mp4", empty, photo(tmp_path / "good.png", "ann")], TURNING, [])
    assert names(sitting)[0] == ["good"]
    assert not any(str(tmp_path) in refusal.reason for refusal in sitting.refused)
    assert [refusal.photo.stem for refusal in sitting.refused] == ["bad", "empty"]


def test_pipes_devices_and_folders_are_never_opened_as_clips(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    sitting = look([tmp_path / "pipe.mp4", Path("/dev/zero"), tmp_path, tmp_path / "none.mp4"], TURNING, [])
    assert len(sitting.refused) == 4


def test_who_was_rejected_does_not_become_the_person(tmp_path):
    path = photo(tmp_path / "a.png", "ann")
    rejected = look([path], MODELS, []).templates
    sitting = look([path], MODELS, [], force=True, rejected=rejected)
    assert "mofy people unreject" in names(sitting)[1]["a"]
