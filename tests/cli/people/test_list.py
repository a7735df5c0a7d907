from tests.painted import photo


def test_list_shows_hangul_in_line(people, tmp_path):
    people("add", "김민수", photo(tmp_path / "1.png", "ann"), "--note", "이웃")
    people("add", "Bo", photo(tmp_path / "2.png", "ben"))
    head, bo, kim = people("list").out.splitlines()
    assert head.split() == ["name", "photos", "state", "note"]
    assert bo.index("1") == head.index("photos")
    assert kim.index("1") == head.index("photos") - 3, "each of three letters is two cells wide"
    assert "이웃" in kim


def test_list_of_nobody(people):
    ran = people("list")
    assert (ran.code, people.listed()) == (0, [])
    assert "nobody is enrolled" in ran.out
    assert not people.data.exists()
