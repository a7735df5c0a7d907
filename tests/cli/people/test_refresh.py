def test_refresh_says_when_there_is_nothing_to_do(ann):
    assert ann("refresh").out == "nothing to do: every photo is up to date\n"
