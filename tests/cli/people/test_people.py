import pytest


@pytest.mark.parametrize(
    "words",
    [
        ["show"],
        ["rename"],
        ["reject"],
        ["reject", "Ann"],
        ["unreject"],
        ["remove"],
        ["enable"],
        ["disable"],
        ["edit"],
        ["export"],
        ["add"],
        ["nonsense"],
    ],
)
def test_missing_words_are_told(people, words):
    ran = people(*words)
    assert ran.code == 2
    assert "Usage" in ran.told


@pytest.mark.parametrize(
    "command",
    [
        "show Eve",
        "rename Eve Ann",
        "remove Eve",
        "enable Eve",
        "disable Eve",
        "edit Eve --note x",
        "check Eve",
        "reject Eve x.jpg",
        "unreject Eve",
    ],
)
def test_who_is_not_enrolled_is_told(ann, command):
    ran = ann(*command.split())
    assert ran.code == 1
    assert "'Eve'" in ran.told
