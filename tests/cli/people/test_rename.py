from tests.painted import photo


def test_rename_and_its_conflict(ann, tmp_path):
    ann("add", "Ben", photo(tmp_path / "ben.png", "ben"))
    assert ann("rename", "Ann", "Anna").code == 0
    ran = ann("rename", "Anna", "BEN")
    assert ran.code == 1
    assert "'Ben' already" in ran.told
    assert [person["name"] for person in ann.listed()] == ["Anna", "Ben"]
