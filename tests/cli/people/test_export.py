from appliance.store import Store, gallery_or_nobody
from tests.painted import photo


def test_an_export_moves_everybody_to_another_box(ann, tmp_path):
    ann("disable", "Ann")
    secret = {"MOFY_PASSPHRASE": "long enough"}
    assert ann("export", tmp_path / "all.mofy", **secret).out.endswith("all.mofy: 1 person\n")
    elsewhere = tmp_path / "elsewhere"
    assert ann("import", tmp_path / "all.mofy", "--data", elsewhere, **secret).out == "1 person imported\n"
    (person,) = Store.open(elsewhere).people()
    assert (person.name, person.photos, person.enabled) == ("Ann", 2, False)


def test_an_import_leaves_who_is_there_unless_told(ann, tmp_path):
    secret = {"MOFY_PASSPHRASE": "long enough"}
    ann("export", tmp_path / "all.mofy", **secret)
    ann("add", "Ann", photo(tmp_path / "3.png", "ann", 3))
    ran = ann("import", tmp_path / "all.mofy", **secret)
    assert (ran.code, ran.out) == (0, "0 people imported\n")
    assert "Ann: is enrolled already" in ran.told
    assert ann.listed()[0]["photos"] == 3
    assert ann("import", tmp_path / "all.mofy", "--replace", **secret).code == 0
    assert ann.listed()[0]["photos"] == 2


def test_the_rejected_move_to_another_box_too(ann, tmp_path):
    ann("reject", "Ann", photo(tmp_path / "ben.png", "ben"))
    secret = {"MOFY_PASSPHRASE": "long enough"}
    ann("export", tmp_path / "all.mofy", **secret)
    elsewhere = tmp_path / "elsewhere"
    assert ann("import", tmp_path / "all.mofy", "--data", elsewhere, **secret).code == 0
    (here,) = gallery_or_nobody(ann.data, "painted")[0].people
    (there,) = gallery_or_nobody(elsewhere, "painted")[0].people
    assert (there.rejected == here.rejected).all()


def test_a_passphrase_is_never_guessed(ann, tmp_path):
    ran = ann("export", tmp_path / "all.mofy")
    assert ran.code == 1
    assert "set MOFY_PASSPHRASE" in ran.told
    assert ann("export", tmp_path / "all.mofy", MOFY_PASSPHRASE="short").code == 1
    assert not (tmp_path / "all.mofy").exists()
    ann("export", tmp_path / "all.mofy", MOFY_PASSPHRASE="long enough")
    assert ann("export", tmp_path / "all.mofy", MOFY_PASSPHRASE="long enough").code == 1, "the file is there"
    ran = ann("import", tmp_path / "all.mofy", MOFY_PASSPHRASE="another one")
    assert ran.code == 1
    assert "passphrase is wrong" in ran.told
