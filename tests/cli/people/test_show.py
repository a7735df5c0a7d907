import json


def test_show_and_its_json(ann):
    shown = ann("show", "ann").out
    assert "2 photos: fair" in shown
    assert "front view" in shown
    told = json.loads(ann("show", "ann", "--json").out)
    assert (told["name"], told["enabled"], told["shown"], told["expires_at"]) == ("Ann", True, True, None)
    assert [set(entry) for entry in told["photos"]] == [{"quality", "turn", "model"}] * 2
