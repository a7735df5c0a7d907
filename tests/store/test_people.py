import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.errors import InputError
from appliance.store.people import NAME_MOST, Enrolled, clean_name, clean_note, same_name

GOOD = [
    "Ann",
    "김민수",
    "Zoë Ångström",
    "O'Brien",
    "Robert'); DROP TABLE people;--",
    "-n",
    "😀",
    "👩‍👧",
    "🏳️‍🌈",
    "..",
    "%s",
    "7",
]
BAD = [
    "",
    "   ",
    "\t",
    "a\nb",
    "a\x00b",
    "a\u202eb",
    "\u200b",
    "\u200d",
    "\ufeffx",
    "a\u2066b",
    "\ud800",
    "\u0301",
    "x" * 10_000,
]


@pytest.mark.parametrize("name", GOOD)
def test_a_name_in_any_script_stays_as_it_is(name):
    assert clean_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_shown_as_one_line_is_no_name(name):
    with pytest.raises(InputError) as told:
        clean_name(name)
    assert str(told.value).isprintable()
    assert len(str(told.value)) < 200


def test_spaces_are_made_single():
    assert clean_name("  Ann \u00a0 Lee ") == "Ann Lee"


def test_decomposed_hangul_is_the_same_name():
    typed_on_a_mac = unicodedata.normalize("NFD", "김민수")
    assert typed_on_a_mac != "김민수"
    assert clean_name(typed_on_a_mac) == "김민수"


@pytest.mark.parametrize(("one", "other"), [("ANN", "ann"), ("STRASSE", "straße"), ("ÅSA", "a\u030asa")])
def test_names_are_the_same_in_any_case(one, other):
    assert same_name(one) == same_name(other)


@given(st.text())
@example("\u0390")
@example("ǰ\u0323")
def test_a_clean_name_stays_clean(text):
    try:
        name = clean_name(text)
    except InputError:
        return
    assert clean_name(name) == name
    assert 0 < len(name) <= NAME_MOST
    assert same_name(name) == same_name(same_name(name))


def test_a_note_may_be_empty_and_is_bounded():
    assert clean_note(" ") == ""
    with pytest.raises(InputError, match="1000"):
        clean_note("x" * 1001)


@pytest.mark.parametrize(
    ("enabled", "expires_at", "shown"),
    [(True, None, True), (True, 101.0, True), (True, 100.0, False), (True, 99.0, False), (False, None, False)],
)
def test_who_may_be_shown(enabled, expires_at, shown):
    assert Enrolled("id", "Ann", "", enabled, 0.0, expires_at, 3).shown_at(100.0) is shown
