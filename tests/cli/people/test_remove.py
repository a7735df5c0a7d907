from tests.painted import photo


def test_remove_takes_all_or_none(ann, tmp_path):
    ann("add", "Ben", photo(tmp_path / "ben.png", "ben"))
    assert ann("remove", "Ann", "Nobody").code == 1
    assert len(ann.listed()) == 2
    assert ann("remove", "ann", "Ben").code == 0
    assert ann.listed() == []
