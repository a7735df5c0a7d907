"""What comes in waits its turn in bounded room; what covers everyone is never refused."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.mqtt.intake import MOST_BYTES, MOST_WAITING, Intake, Limits
from appliance.mqtt.limits import Bucket
from appliance.mqtt.message import Message
from appliance.mqtt.topics import Topics
from tests.waiting import slowness

TOPICS = Topics("mofy", "box")


def intake(**limits):
    """An intake, and the reasons for which it refused."""
    refused = []
    return Intake(TOPICS, lambda message, why: refused.append(why), Limits(**limits)), refused


def order(place: str, payload: bytes = b"", **more) -> Message:
    return Message(TOPICS.of(place), payload, **more)


def test_orders_come_out_as_they_went_in():
    one, refused = intake()
    for number in range(5):
        one.take(order("strength/set", str(number).encode()))
    assert [one.next(0).payload for _ in range(5)] == [b"0", b"1", b"2", b"3", b"4"]
    assert one.next(0) is None
    assert refused == []


def test_what_covers_everyone_comes_first_and_once():
    one, _ = intake()
    one.take(order("strength/set", b"1"))
    for _ in range(1000):
        one.take(order("command/cover-everyone"))
        one.take(order("mode/set", b"slate"))
    got = [one.next(0) for _ in range(4)]
    assert [message and message.topic for message in got] == [
        "mofy/box/command/cover-everyone",
        "mofy/box/mode/set",
        "mofy/box/strength/set",
        None,
    ]


def test_of_wishes_for_the_mode_the_newest_is_the_last():
    one, refused = intake()
    one.take(order("mode/set", b"selective"))
    one.take(order("command/selective"))
    one.take(order("command/slate"))
    one.take(order("mode/set", b"cover-everyone"))
    one.take(order("command/slate"))
    one.take(order("mode/set", b'{"value": "selective"}'))
    payloads = [one.next(0).payload for _ in range(3)]
    assert payloads == [b"cover-everyone", b"", b'{"value": "selective"}']
    assert one.next(0) is None
    assert refused == ["a newer order took its place"] * 2


def test_a_flood_is_refused_told_a_few_times_and_covers_all_the_same():
    one, refused = intake()
    for _ in range(10_000):
        one.take(order("style/set", b"solid"))
    one.take(order("command/cover-everyone"))
    assert one.refused > 9_900
    assert len(refused) <= 12 * slowness()
    assert one.next(0).topic.endswith("cover-everyone")
    waiting = 0
    while one.next(0) is not None:
        waiting += 1
    assert waiting <= MOST_WAITING


def test_room_is_bounded_whatever_the_rate():
    one, refused = intake(orders=Bucket(1e9, 10**9))
    for _ in range(MOST_WAITING + 5):
        one.take(order("style/set", b"solid"))
    assert refused == ["too many orders are waiting; wait a little"] * 5


def test_large_and_retained_ones_are_not_taken(caplog):
    one, refused = intake()
    one.take(order("style/set", b"x" * (MOST_BYTES + 1)))
    one.take(order("command/cover-everyone", retain=True))
    assert one.next(0) is None
    assert "too large" in refused[0]
    assert "retained" in caplog.text


def test_waiting_ends_when_something_comes():
    one, _ = intake()
    threading.Timer(0.05, one.take, [order("mode/set", b"slate")]).start()
    assert one.next(10) is not None


@given(st.lists(st.floats(min_value=0, max_value=10), max_size=200))
def test_a_bucket_never_gives_more_than_its_rate(steps):
    bucket, now, taken = Bucket(rate=5.0, burst=3), 0.0, 0
    for step in steps:
        now += step
        taken += bucket.take(now)
        assert taken <= 3 + 5.0 * now + 1e-6


@pytest.mark.parametrize("back", [0.0, -100.0])
def test_a_bucket_does_not_mind_a_clock_that_stands(back):
    bucket = Bucket(rate=1.0, burst=2)
    assert [bucket.take(100.0 + back) for _ in range(3)] == [True, True, False]
    assert bucket.take(101.0 + back)
