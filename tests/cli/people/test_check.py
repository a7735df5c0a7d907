import json
import re

from tests.painted import photo


def test_check_of_nobody(people):
    ran = people("check")
    assert (ran.code, ran.told) == (0, "")
    assert "nobody is enrolled" in ran.out
    assert people("check", "--json").out == "[]\n"
    assert not people.data.exists()


def test_check_says_what_a_layman_understands(ann, tmp_path):
    ran = ann("check")
    assert ran.code == 0
    assert ran.out.startswith("Ann: 2 photos, too few: will often be covered\n")
    assert "-> add one more photo" in ran.out
    ann("add", "Ann", *(photo(tmp_path / f"{i}.png", "ann", i) for i in range(3, 8)))
    shown = ann("check").out
    assert shown.startswith("Ann: 7 photos, good\n")
    assert "7 of 7 recognised at once, 7 stay shown once recognised" in shown
    ann("add", "Annabel", photo(tmp_path / "twin.png", "ann", 9), photo(tmp_path / "twin 2.png", "ann", 10))
    shown = ann("check", "ANN").out
    assert shown.startswith("Ann: 7 photos, but not safely told from others\n")
    assert re.search(r"looks like Annabel \(0\.\d\d\): one may be shown as the other", shown)
    assert "Annabel:" not in shown
    assert "Annabel:" in ann("check").out


def test_check_for_programs(ann):
    (told,) = json.loads(ann("check", "Ann", "--json").out)
    assert set(told) == {"name", "thin", "photos", "outdated", "rejected", "alike", "advice"}
    assert (told["name"], told["thin"], len(told["photos"])) == ("Ann", True, 2)
    assert told["photos"][0]["recognised"] is True
