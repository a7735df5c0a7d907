"""What a cell may say: a look survives the pipe, and nothing else is believed."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.quarantine.looks import Found, Look, heard, told
from appliance.store.people import Template
from tests.scripted import identity


def look(code: str = "good", **options) -> Look:
    crop = np.arange(112 * 112 * 3, dtype=np.uint32).astype(np.uint8).reshape(112, 112, 3)
    found = (Found("good", Template("m", identity("ann"), crop, 0.8, 0.1)),)
    return Look("photo", code, "words", found, b"\xff\xd8x", ("fair",), **options)


def test_a_look_comes_through_whole():
    given, got = look(), heard(told(look()), "m")
    assert (got.kind, got.code, got.words, got.preview, got.notes) == (
        "photo",
        "good",
        "words",
        b"\xff\xd8x",
        ("fair",),
    )
    np.testing.assert_array_equal(got.found[0].template.crop, given.found[0].template.crop)
    np.testing.assert_allclose(got.found[0].template.embedding, given.found[0].template.embedding)


@pytest.mark.parametrize(
    "change",
    [
        {"code": "evil"}, {"kind": "film"}, {"found": []}, {"words": 5}, {"preview": "<svg>"}, {"notes": ["x"]},
        {"found": [{"code": "good"}]}, {"found": 7}, {"preview": "PHN2Zz4="}, {"notes": "weak"},
    ],
)  # fmt: skip
def test_a_look_with_a_strange_field_is_none(change):
    with pytest.raises(ValueError, match="look"):
        heard(json.dumps(json.loads(told(look())) | change).encode(), "m")


@pytest.mark.parametrize(
    ("name", "value"),
    [("crop", "AAAA"), ("embedding", ""), ("quality", 2.0), ("quality", "NaN"), ("turn", None), ("model", "other")],
)
def test_a_face_with_a_strange_field_is_none(name, value):
    said = json.loads(told(look()))
    said["found"][0][name] = value
    with pytest.raises(ValueError, match="look"):
        heard(json.dumps(said).encode(), "m")


@given(st.binary(max_size=200))
def test_rubbish_is_no_look(said):
    with pytest.raises(ValueError, match="look"):
        heard(said, "m")


def test_a_choice_is_one_of_those_found():
    assert look("many").choosing(0).usable
    with pytest.raises(IndexError):
        look("many").choosing(3)
