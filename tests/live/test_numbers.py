"""A number means one face for as long as that is beyond doubt, and never another one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.live import numbers
from appliance.live.numbers import Numbers

FACES = st.lists(st.tuples(st.integers(1, 20), st.integers(-2, 30)), max_size=200)


@given(FACES)
def test_a_number_leads_back_to_its_face_alone(faces):
    given_out = Numbers()
    for face in faces:
        number = given_out.of(*face)
        assert given_out.face(number) == face
        assert given_out.of(*face) == number
    assert len({given_out.of(*face) for face in faces}) == len(set(faces))


def test_what_was_never_given_or_is_long_forgotten_means_nobody(monkeypatch):
    monkeypatch.setattr(numbers, "MOST", 3)
    given_out = Numbers()
    assert given_out.face(1) is None
    assert given_out.face(None) is None
    found = [given_out.of(track, -1) for track in range(5)]
    assert [given_out.face(number) for number in found] == [None, None, (2, -1), (3, -1), (4, -1)]
    assert given_out.of(0, -1) not in found
