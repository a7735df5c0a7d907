from appliance.store import gallery_or_nobody


def test_disable_and_enable(ann):
    assert ann("disable", "Ann").out == "Ann: covered, disabled\n"
    assert gallery_or_nobody(ann.data, "painted")[0].people == ()
    assert ann.listed()[0]["shown"] is False
    assert ann("enable", "Ann").out == "Ann: shown\n"
    assert len(gallery_or_nobody(ann.data, "painted")[0].people) == 1
