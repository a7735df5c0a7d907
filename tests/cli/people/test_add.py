import re

import pytest

from tests.painted import photo, saved, scene
from tests.selfie.filmed import film, stay


def test_adding_tells_how_good_the_set_is(people, tmp_path):
    ran = people("add", "Ann", *(photo(tmp_path / f"{i}.png", "ann", i) for i in range(3)))
    assert (ran.code, ran.out, ran.told) == (0, "Ann: 3 photos: good; add a side view\n", "")


def test_refused_photos_are_told_and_the_others_are_stored(people, tmp_path):
    empty = saved(tmp_path / "empty.png", scene())
    ran = people("add", "Ann", empty, photo(tmp_path / "good.png", "ann"), tmp_path / "missing.jpg")
    assert ran.code == 0
    assert f"{empty}: not used: no face was found" in ran.told
    assert "missing.jpg: not used: cannot be read (no such file or directory)" in ran.told
    assert people.listed()[0]["photos"] == 1


def test_nothing_is_stored_when_no_photo_can_be_used(people, tmp_path):
    ran = people("add", "Ann", saved(tmp_path / "empty.png", scene()))
    assert ran.code == 1
    assert "nothing was stored" in ran.told
    assert not people.data.exists(), "not even a folder"


def test_adding_again_adds(ann, tmp_path):
    assert ann("add", "ANN", photo(tmp_path / "3.png", "ann", 3)).out == "Ann: 3 photos: good; add a side view\n"
    assert [person["name"] for person in ann.listed()] == ["Ann"]


def test_a_stranger_is_refused_unless_forced(ann, tmp_path):
    ben = photo(tmp_path / "ben.png", "ben")
    ran = ann("add", "Ann", ben)
    assert ran.code == 1
    assert "does not look like" in ran.told
    assert "--force" in ran.told
    assert ann("add", "Ann", ben, "--force").code == 0


def test_one_person_under_two_names_is_told(ann, tmp_path):
    ran = ann("add", "Annabel", photo(tmp_path / "3.png", "ann", 3))
    assert ran.code == 0
    assert re.search(r"warning: Annabel and Ann look alike \(0\.[89]\d\): probably one person", ran.told)


def test_a_group_needs_a_choice(people, tmp_path):
    group = saved(tmp_path / "group.png", scene(("ann", 60, (160, 200)), ("ben", 400, (160, 200))))
    assert "--face 1 (leftmost) to --face 2 (rightmost)" in people("add", "Ben", group).told
    assert people("add", "Ben", group, "--face", 2).code == 0
    assert people("add", "Ben", photo(tmp_path / "ben.png", "ben", 4)).code == 0, "it was Ben who was taken"


def test_a_clip_is_taken_beside_photos_and_told(people, tmp_path):
    clip = film(tmp_path / "ann.mp4", stay("ann", 50, step=1))
    ran = people("add", "Ann", clip, photo(tmp_path / "1.png", "ann", 1))
    assert (ran.code, ran.told) == (0, "")
    told, verdict = ran.out.splitlines()
    taken = int(re.search(r"ann\.mp4: (\d+) of \d+ frames taken: frontal \d+; ", told)[1])
    assert people.listed()[0]["photos"] == taken + 1
    assert verdict.startswith(f"Ann: {taken + 1} photos")


def test_a_clip_of_two_needs_a_choice(people, tmp_path):
    pair = [scene(("ann", 60 + i, (160, 200)), ("ben", 400, (160, 200))) for i in range(20)]
    clip = film(tmp_path / "pair.mp4", pair)
    ran = people("add", "Ben", clip)
    assert ran.code == 1
    assert "pair.mp4: not used: shows 2 faces and none is clearly the largest; choose with --face 1" in ran.told
    assert people("add", "Ben", clip, "--face", 2).code == 0
    assert people("add", "Ben", photo(tmp_path / "ben.png", "ben", 4)).code == 0, "it was Ben who was taken"


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\u202eb", "x" * 10_000, "\x1b[31m"])
def test_hostile_names_are_refused_before_anything_happens(people, tmp_path, name):
    ran = people("add", name, photo(tmp_path / "1.png", "ann"))
    assert ran.code == 1
    assert len(ran.told.splitlines()) == 1
    assert not people.data.exists()


@pytest.mark.parametrize(
    "name", ["Robert'); DROP TABLE people;--", "👩‍👧", "[red]x[/red]", "%s", "{0}", "김 민 수", "مريم"]
)
def test_odd_names_are_names(people, tmp_path, name):
    assert people("add", name, photo(tmp_path / "1.png", "ann")).code == 0
    assert name in people("list").out
    assert people("show", name).code == 0
    assert people("remove", name).code == 0


def test_a_name_that_begins_with_a_dash(people, tmp_path):
    assert people("add", "--", "-rf", photo(tmp_path / "1.png", "ann")).code == 0
    assert people("remove", "--", "-rf").code == 0
