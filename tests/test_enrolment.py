import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from appliance import enrolment
from appliance.core.identity import Person, gallery
from appliance.enrolment import Footage, Models, footage_verdict, look, refresh, resemblances, verdict
from appliance.store import Store
from appliance.store.archive import Photo
from appliance.store.people import Template
from tests.painted import MODELS, photo, saved, scene
from tests.scripted import identity
from tests.selfie.filmed import DETECTOR, EMBEDDER, film, stay


def names(sitting):
    return [path.stem for path, _ in sitting.accepted], {
        refusal.photo.stem: refusal.reason for refusal in sitting.refused
    }


def toward(angle, seed=0):
    """An embedding so alike (cosine) to identity("base")."""
    base, other = identity("base"), identity(f"other {seed}")
    other = other - (other @ base) * base
    other /= np.linalg.norm(other)
    return (angle * base + np.sqrt(1 - angle**2) * other).astype(np.float32)


def template(embedding, turn=0.0):
    return Template("painted", embedding, np.zeros((112, 112, 3), np.uint8), 0.9, turn)


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


@pytest.mark.parametrize(("likeness", "told"), [(0.1, False), (0.35, False), (0.5, True), (0.9, True)])
def test_look_alikes_are_told(likeness, told):
    people = gallery([Person("1", "Base", identity("base")[None])])
    found = resemblances([template(toward(likeness))], "New", people)
    assert [f.name for f in found] == (["Base"] if told else [])


def test_nobody_resembles_himself_and_the_most_alike_come_first():
    people = gallery(
        [Person(str(i), name, toward(a, i)[None]) for i, (name, a) in enumerate({"A": 0.7, "B": 0.9}.items())]
    )
    found = resemblances([template(identity("base"))], "C", people)
    assert [f.name for f in found] == ["B", "A"]
    assert [f.name for f in resemblances([template(identity("base"))], "B", people)] == ["A"]


@pytest.mark.parametrize(
    ("turns", "words"),
    [
        ([0.0], "1 photo: weak; add photos in other light; add a side view"),
        ([0.0, 0.5], "2 photos: fair; add photos in other light"),
        ([0.0, 0.1, 0.2], "3 photos: good; add a side view"),
        ([0.0, 0.1, 0.2, 0.5, 0.0], "5 photos: very good"),
    ],
)
def test_a_set_is_judged_in_a_word(turns, words):
    assert verdict([template(identity(f"{i}"), turn) for i, turn in enumerate(turns)]) == words


def test_a_set_of_one_clip_is_not_more_than_good():
    """All of it was seen in one light: the camera's may be another."""
    templates = [template(identity(f"{i}"), 0.5) for i in range(9)]
    assert verdict(templates) == "9 photos: very good"
    assert verdict(templates, one_clip=True) == "9 photos: good; add a photo or clip in other light"


def test_another_model_makes_templates_anew_from_the_crops(tmp_path):
    store = Store.open(tmp_path / "data", create=True)
    templates = look([photo(tmp_path / "a.png", "ann")], MODELS, []).templates
    person = store.enrol("Ann", templates, "test")
    newer = Models(MODELS.detector, MODELS.embedder, "newer")
    assert store.gallery("newer", 0.0).people == ()
    assert refresh(store, newer, "test") == 1
    assert refresh(store, newer, "test") == 0
    (again,) = store.templates(person.id)
    assert again.model == "newer"
    assert float(again.embedding @ templates[0].embedding) > 0.999


def test_an_archives_faces_become_templates_of_this_boxs_model(tmp_path):
    (was,) = look([photo(tmp_path / "a.png", "ann")], MODELS, []).templates
    (made,) = enrolment.templates([Photo(was.crop, was.quality, was.turn)], MODELS)
    assert made.model == "painted"
    assert np.allclose(made.embedding, was.embedding)


def test_an_embedding_does_not_depend_on_the_side(tmp_path):
    (was,) = look([photo(tmp_path / "a.png", "ann")], MODELS, []).templates
    assert np.allclose(enrolment.embed(MODELS, was.crop), enrolment.embed(MODELS, was.crop[:, ::-1]), atol=1e-6)
    assert np.linalg.norm(was.embedding) == pytest.approx(1, abs=1e-5)


# Clips

TURNING = Models(DETECTOR, EMBEDDER, "painted")


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


@pytest.mark.parametrize(
    ("views", "cut_short", "words"),
    [
        ({"frontal": 4, "left": 3, "right": 2}, False, "9 of 140 frames taken: frontal 4, left 3, right 2; good"),
        ({"frontal": 6}, False, "6 of 140 frames taken: frontal 6; good; turn the head slowly to both sides"),
        ({"frontal": 1}, False, "1 of 140 frames taken: frontal 1; weak; turn the head slowly to both sides"),
        (
            {"frontal": 2, "left": 1},
            True,
            "3 of 140 frames taken: frontal 2, left 1; fair; the others are unsharp, dark, or all alike; "
            "only the first 60 seconds were looked at",
        ),
    ],
)
def test_a_clip_is_judged_in_a_line(views, cut_short, words):
    assert footage_verdict(Footage(Path("a.mp4"), 140, cut_short, Counter(views))) == words


def test_who_was_rejected_does_not_become_the_person(tmp_path):
    path = photo(tmp_path / "a.png", "ann")
    rejected = look([path], MODELS, []).templates
    sitting = look([path], MODELS, [], force=True, rejected=rejected)
    assert "mofy people unreject" in names(sitting)[1]["a"]


# Real photos


@pytest.fixture(scope="module")
def real():
    from appliance import config

    return enrolment.models(config.load())


def test_real_photos_of_one_man_agree_and_another_does_not(photos, real):
    paths = [photos / f"{name}.jpg" for name in ("biden", "obama", "obama2", "obama3", "obama_partial_face")]
    accepted, refused = names(look(paths, real, []))
    assert accepted == ["obama", "obama2", "obama3", "obama_partial_face"]
    assert "does not look like" in refused["biden"]


def test_real_people_are_told_apart_and_one_under_two_names_is_noticed(photos, real):
    of = {name: look([photos / f"{name}.jpg"], real, []).templates for name in ("obama", "obama3", "biden")}
    people = gallery([Person("1", "Obama", of["obama"][0].embedding[None])])
    (found,) = resemblances(of["obama3"], "Barack", people)
    assert found.similarity >= enrolment.TWIN
    assert resemblances(of["biden"], "Biden", people) == []
