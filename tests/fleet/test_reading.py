"""What the broker holds is read part by part, and only a mark of this very connection ends a part."""

from __future__ import annotations

import pytest

from appliance.fleet.reading import Reading
from appliance.fleet.topics import SHARDS, Topics
from appliance.mqtt.message import Message

TOPICS = Topics("f" * 16)
MARK_S = 20.0


class Broker:
    """Keeps what it is sent and asked for."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.asked: list[str] = []

    def send(self, message: Message) -> bool:
        self.sent.append(message)
        return True


@pytest.fixture
def broker():
    return Broker()


@pytest.fixture
def reading(broker):
    return Reading(TOPICS, "me", broker.send, broker.asked.append, MARK_S)


def test_first_control_then_every_shard_in_order(broker, reading):
    assert not reading.has_begun
    reading.begin(0.0)
    assert (reading.has_begun, reading.knows_control) == (True, False)
    read = []
    while not reading.is_over:
        read.append(reading.marked(broker.sent[-1].payload, 1.0))
        assert reading.knows_control
    assert read == [None, *SHARDS]
    assert broker.asked == [TOPICS.shard(shard) for shard in SHARDS]
    assert {message.topic for message in broker.sent} == {reading.mark_topic} == {TOPICS.mark("me")}
    assert len({message.payload for message in broker.sent}) == len(broker.sent) == 1 + len(SHARDS)


def test_a_mark_of_an_earlier_connection_or_part_says_nothing(broker, reading):
    assert reading.marked(b"1/-1", 0.0) is None
    assert not reading.has_begun
    reading.begin(0.0)
    early = broker.sent[-1].payload
    reading.begin(1.0)
    assert reading.marked(early, 2.0) is None
    assert not reading.knows_control
    now = broker.sent[-1].payload
    reading.marked(now, 2.0)
    assert reading.marked(now, 3.0) is None
    assert broker.asked == [TOPICS.shard(SHARDS[0])]


def test_a_mark_that_does_not_come_back_is_sent_again(broker, reading):
    reading.begin(0.0)
    reading.keep_on(MARK_S)
    assert len(broker.sent) == 1
    reading.keep_on(MARK_S + 1)
    assert broker.sent == [broker.sent[0]] * 2
    while not reading.is_over:
        reading.marked(broker.sent[-1].payload, 0.0)
    sent = len(broker.sent)
    reading.keep_on(1000.0)
    assert len(broker.sent) == sent
