"""Who is in the fleet: what was said of a box by one process is not unsaid by another that had not heard it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.store import Store
from appliance.store.membership import BrokerPlace, Fleet, Member

PLACE = BrokerPlace("127.0.0.1", 1883)
A, B, C = (Member(box, f"Box {box}", box.encode() * 32) for box in "abc")
FIRST = Fleet("f" * 16, "a", "Box a", 1, b"k" * 32, b"p" * 32, PLACE)
NEXT = replace(FIRST, epoch=2, key=b"l" * 32, earlier=FIRST.key, rotation="1" * 64, rotator="b")


@pytest.fixture
def membership(tmp_path):
    store = Store.open(tmp_path, create=True)
    rows = store.membership()
    rows.enter(FIRST, {"a": A, "b": B, "c": C}, "test")
    yield rows
    store.close()


def test_a_box_that_was_taken_out_stays_out_whoever_had_not_heard_of_it(membership):
    membership.put_members([replace(C, removed=1)])
    assert membership.rotate(NEXT, {"a": A, "b": B, "c": C}, [], "test")
    assert membership.members()["c"].removed == 2, "it was given the new key too: the next must be made without it"
    membership.put_members([C])
    assert membership.members()["c"].removed == 2


def test_the_same_name_with_another_pair_is_another_box(membership):
    membership.put_members([replace(C, removed=1)])
    membership.put_members([replace(C, public=b"n" * 32)])
    assert membership.members()["c"].removed == 0


def test_a_rotation_that_names_it_as_out_says_since_when(membership):
    membership.rotate(NEXT, {"a": A, "b": B, "c": replace(C, removed=1)}, [], "test")
    assert membership.members()["c"].removed == 1
