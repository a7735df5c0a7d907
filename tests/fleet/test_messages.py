"""What travels, without a broker: sealed, told, rotated, invited. Whatever was altered changes nothing."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from appliance.core.replication import GONE, NEVER, Revision
from appliance.errors import InputError
from appliance.fleet import envelope, invitation, keys, rotation, telling
from appliance.fleet.council import Council
from appliance.fleet.exchange import Exchange
from appliance.fleet.topics import SHARDS, Topics
from appliance.mqtt.message import Message
from appliance.store.membership import BrokerPlace, Fleet, Invitation, Member
from appliance.store.shared import Heard
from tests.fleet.boxes import Box, template

KEY, OTHER = b"k" * 32, b"o" * 32
PLACE = BrokerPlace("10.0.0.1", 8883, tls=True, ca="-----BEGIN", user="mofy", password="secret word")


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    made = Box(tmp_path_factory.mktemp("box"), "a", PLACE)
    made.store.enrol("Ann", [template(seed=i) for i in range(2)], "test", note="a note", expires_at=5e9)
    made.store.reject("Ann", [template("eve")], "test")
    made.found()
    return made


@pytest.fixture(scope="module")
def heard(box):
    (person,) = box.store.shared().revisions()
    return box.store.shared().person(person)


# Envelopes


@given(st.binary(max_size=3000), st.text(max_size=30))
def test_what_is_sealed_opens_under_its_topic_and_key_alone(content, topic):
    sealed = envelope.seal(KEY, 7, topic, content)
    assert envelope.open_(KEY, topic, sealed) == content
    for key, place in ((OTHER, topic), (KEY, topic + "x")):
        with pytest.raises(envelope.UnreadableError) as told:
            envelope.open_(key, place, sealed)
        assert told.value.epoch == 7
    assert envelope.seal(KEY, 7, topic, content) != sealed, "a nonce of its own each time"


@given(st.integers(0, 200_000))
def test_the_broker_sees_one_of_a_few_sizes(size):
    length = len(envelope.seal(KEY, 1, "t", bytes(size))) - 34
    assert length in envelope.STEPS
    assert size + 4 <= length


def test_what_is_too_large_is_told():
    with pytest.raises(InputError, match="KB are more than"):
        envelope.seal(KEY, 1, "t", bytes(envelope.STEPS[-1]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_byte_opens_nothing(data):
    sealed = bytearray(envelope.seal(KEY, 1, "t", b"content"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(envelope.UnreadableError):
        envelope.open_(KEY, "t", bytes(sealed))


# People as bytes


def test_a_person_is_understood_as_he_was_told(heard):
    content = telling.told(heard)
    assert telling.understood(content, heard.id) == heard
    assert telling.revision(content, heard.id) == heard.revision
    gone = Heard(heard.id, GONE, None)
    assert telling.understood(telling.told(gone), heard.id) == gone


def test_he_is_not_understood_under_anothers_name(heard):
    with pytest.raises(InputError, match="somebody else"):
        telling.understood(telling.told(heard), "0" * 16)


@given(st.binary(max_size=400))
@example(b"\xff\xff\xff\xff{}")
@example(b"\0\0\0\x02{}")
@example((b"[" * 100_000).rjust(100_004, b"\x7f"))
def test_any_bytes_are_refused_in_words(content):
    with pytest.raises(InputError):
        telling.understood(content, "0" * 16)


BAD = {
    "name": ["", "a\nb", "x" * 101, 3, None],
    "note": ["\u202e", 3],
    "enabled": [1, "yes", None],
    "expires_at": ["soon", math.nan, math.inf, 1e300],
    "created_at": [None, -math.inf],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in BAD.items() for value in values])
def test_a_field_that_makes_no_sense_is_refused(heard, field, value):
    content = telling.told(heard)
    size = int.from_bytes(content[:4], "big")
    head = json.loads(content[4:][:size])
    head["about"][field] = value
    text = json.dumps(head).encode()
    with pytest.raises(InputError):
        telling.understood(len(text).to_bytes(4, "big") + text + content[4 + size :], heard.id)


@pytest.mark.parametrize("damage", ["shorter", "longer", "noise", "embedding"])
def test_photos_that_are_none_are_refused(heard, damage):
    content = bytearray(telling.told(heard))
    if damage == "shorter":
        content = content[:-1]
    elif damage == "longer":
        content += b"x"
    elif damage == "noise":
        content[-2000:] = bytes(2000)
        content[-37000:-30000] = b"\xff" * 7000
    else:
        start = 4 + int.from_bytes(content[:4], "big")
        content[start : start + 8] = b"\xff" * 8
    with pytest.raises(InputError):
        telling.understood(bytes(content), heard.id)


def test_a_newer_mofys_words_are_left_alone(heard):
    text = json.dumps({"version": telling.VERSION + 1, "person": heard.id}).encode()
    with pytest.raises(telling.NewerError):
        telling.understood(len(text).to_bytes(4, "big") + text, heard.id)


# A box that hears anything at all


class Wire:
    """Keeps what is sent."""

    def __init__(self):
        self.sent: list[Message] = []

    def __call__(self, message):
        self.sent.append(message)
        return True


topics = st.one_of(
    st.text(max_size=60),
    st.builds(lambda rest: f"mofy/fleet/FLEET/{rest}", st.text(max_size=40)),
    st.sampled_from(
        ["people/a/PERSON", "people/PERSON", "people/0/../0", "boxes/b", "boxes/a", "modes/a", "join/x/ask"]
        + [f"keys/{epoch}" for epoch in ("1", "2", "x", "-1", "99999999999999999999")]
    ).map("mofy/fleet/FLEET/".__add__),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(messages=st.lists(st.tuples(topics, st.binary(max_size=200)), max_size=8), seed=st.integers(0, 2**32))
def test_what_anybody_may_write_on_the_broker_changes_nothing(box, heard, messages, seed):
    """Noise, and real messages that were cut, altered, or put under another topic."""
    fleet, before = box.fleet, box.store.version()
    exchange, council = Exchange(box.store.shared(), fleet, Wire()), Council(box.store, fleet, Wire())
    exchange.begin()
    draw = random.Random(seed)
    real = envelope.seal(fleet.key, 1, Topics(fleet.id).person(heard.id), telling.told(Heard(heard.id, GONE, None)))
    for topic, payload in messages:
        where = topic.replace("FLEET", fleet.id).replace("PERSON", heard.id)
        cut = real[: draw.randrange(len(real))] if draw.random() < 0.5 else real + payload
        other = real if where != Topics(fleet.id).person(heard.id) else payload
        for content in (payload, cut, other):
            exchange.hear([Message(where, content)], ahead=draw.random() < 0.5)
            council.hear(Message(where, content), 0.0)
            council.circle.keep()
    assert box.store.version() == before, "not a byte was written"


def test_an_old_message_again_changes_nothing_and_the_new_one_is_told_anew(tmp_path):
    box = Box(tmp_path, "a", PLACE)
    box.found()
    ann = box.store.enrol("Ann", [template()], "test")
    wire, shared = Wire(), box.store.shared()
    exchange = Exchange(shared, box.fleet, wire, lambda low, high: high)
    exchange.begin()
    for shard in SHARDS:
        exchange.shard_read(shard)
    exchange.tick(0.0)
    (old,) = wire.sent
    box.store.change("Ann", "test", enabled=False)
    exchange.look()
    exchange.tick(0.1)
    new = wire.sent[-1]
    assert new != old
    exchange.hear([new], ahead=False)
    wire.sent.clear()
    for second in range(100):
        assert exchange.hear([old], ahead=False) == []
        exchange.tick(1.0 + 0.1 * second)
    assert box.shown() == []
    assert 1 <= len(wire.sent) <= 3, "the newer one is told again, but not as often as somebody writes over it"
    assert (
        telling.understood(envelope.open_(box.fleet.key, old.topic, wire.sent[0].payload), ann.id).revision.counter == 2
    )


def test_whom_others_lack_waits_for_its_author_and_comes_again_until_it_is_heard(tmp_path):
    a, b = (Box(tmp_path, name, PLACE) for name in "ab")
    a.found()
    b.follow(a)
    a.store.enrol("Ann", [template()], "test")
    b.store.shared().take(list(a.all().values()))
    wire = Wire()
    exchange = Exchange(b.store.shared(), b.fleet, wire, lambda low, high: high)
    exchange.begin()
    for shard in SHARDS:
        exchange.shard_read(shard)
    exchange.tick(0.0)
    assert wire.sent == [], "its author is asked first"
    exchange.tick(5.1)
    exchange.tick(6.0)
    assert len(wire.sent) == 1
    exchange.tick(16.0)
    assert len(wire.sent) == 2, "it did not come back"
    exchange.hear([wire.sent[-1]], ahead=False)
    exchange.tick(1000.0)
    assert len(wire.sent) == 2
    assert exchange.settled


def test_what_was_wished_of_a_box_that_is_off_is_said_again_under_the_next_key(tmp_path):
    a, b = (Box(tmp_path, name, PLACE) for name in "ab")
    a.found()
    b.follow(a)
    wire = Wire()
    council = Council(a.store, a.fleet, wire)
    council.modes.wish("b", "slate")
    council.modes.wish("b", "cover-everyone")
    council.succession.rotate()
    (rotated,) = [message for message in wire.sent if message.topic == Topics(a.fleet.id).key(2)]
    council.hear(rotated, 0.0)
    assert {box: (wish.number, wish.mode) for box, wish in council.succession.carried.items()} == {
        "b": (2, "cover-everyone")
    }
    under_the_new_key = Council(a.store, a.fleet, wire)
    under_the_new_key.modes.say_again(council.succession.carried)
    again = wire.sent[-1]
    assert again.topic == Topics(a.fleet.id).mode("b")
    said = json.loads(envelope.open_(a.fleet.key, again.topic, again.payload))
    assert said == {"number": 2, "mode": "cover-everyone", "by": "a"}
    follower = Council(b.store, b.fleet, Wire())
    follower.hear(rotated, 0.0)
    Council(b.store, b.fleet, Wire()).hear(again, 0.0)
    assert b.store.settings()["mode"] == "cover-everyone"
    assert follower.succession.carried == {}, "only whoever made the key says it"


# Keys


def a_fleet(*boxes: str) -> tuple[dict[str, Fleet], dict[str, Member]]:
    private = {box: keys.new_private() for box in boxes}
    members = {box: Member(box, box.upper(), keys.public_of(key)) for box, key in private.items()}
    return {box: Fleet("f" * 16, box, box.upper(), 1, KEY, private[box], PLACE) for box in boxes}, members


def test_who_stays_follows_and_who_is_out_cannot():
    fleets, members = a_fleet("a", "b", "c")
    message = rotation.made(fleets["a"], members, ["c"], ["0" * 16])
    followed = [rotation.understood(message, 2, fleets[box], members) for box in "ab"]
    assert {one.fleet.key for one in followed} != {KEY}
    assert len({one.fleet.key for one in followed}) == 1
    assert all(one.members["c"].removed == 1 and one.settled == ["0" * 16] for one in followed)
    with pytest.raises(rotation.NotForUsError):
        rotation.understood(message, 2, fleets["c"], members)
    assert rotation.understood(message, 3, fleets["b"], members) is None
    key = followed[0].fleet.key
    assert key not in message
    assert KEY not in message


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_rotation_that_was_altered_is_not_followed(at, change):
    fleets, members = a_fleet("a", "b")
    message = bytearray(rotation.made(fleets["a"], members, [], []))
    message[at % len(message)] ^= change
    try:
        followed = rotation.understood(bytes(message), 2, fleets["b"], members)
    except rotation.NotForUsError:
        return
    # A change that means the same, or of another box's part, may be followed: to the key that was meant.
    honest = followed.fleet.key if followed else None
    assert honest is None or honest != KEY


def test_nobody_without_the_key_and_nobody_who_was_taken_out_makes_a_key():
    fleets, members = a_fleet("a", "b", "c")
    stranger = rotation.made(replace(fleets["a"], key=OTHER), members, [], [])
    forged = rotation.made(replace(fleets["c"], box="a"), members, [], [])
    for message in (stranger, forged):
        with pytest.raises(rotation.NotForUsError):
            rotation.understood(message, 2, fleets["b"], members)
    honest = rotation.understood(rotation.made(fleets["a"], members, ["c"], []), 2, fleets["b"], members)
    rival = [rotation.made(fleets["c"], members, ["a"], []) for _ in range(8)]
    for message in rival:
        assert rotation.understood(message, 2, honest.fleet, honest.members) is None


def test_a_box_that_told_a_key_that_is_none_shuts_out_only_itself():
    fleets, members = a_fleet("a", "b")
    members["bad"] = Member("bad", "Bad", bytes(32))
    assert rotation.understood(rotation.made(fleets["a"], members, [], []), 2, fleets["b"], members) is not None


def test_of_two_rotations_all_take_the_same():
    fleets, members = a_fleet("a", "b", "c")
    one, other = (rotation.made(fleets[box], members, [], []) for box in "ab")
    ends = set()
    for first, second in ((one, other), (other, one)):
        now = rotation.understood(first, 2, fleets["c"], members)
        again = rotation.understood(second, 2, now.fleet, now.members)
        ends.add((again or now).fleet.key)
    assert len(ends) == 1


# Invitations


def invited(expires_at=1e12):
    fleets, members = a_fleet("a")
    code = invitation.Code("f" * 16, PLACE, expires_at, invitation.new_secret())
    private = keys.new_private()
    newcomer = Member("n", "New", keys.public_of(private))
    return fleets["a"], members, code, private, newcomer


def test_a_code_says_everything_and_lets_its_owner_in():
    fleet, members, code, private, newcomer = invited()
    assert invitation.read_code(f" {code.text()[:20]}\n{code.text()[20:]} ") == code
    promised = Invitation(code.invitation, code.secret, code.expires_at)
    assert invitation.asked(promised, fleet.id, invitation.ask(code, newcomer)) == newcomer
    answer = invitation.answer(fleet, members, promised, newcomer)
    entered, known = invitation.answered(code, newcomer, private, answer)
    assert (entered.key, entered.epoch, entered.box, entered.broker) == (fleet.key, 1, "n", PLACE)
    assert known == {**members, "n": newcomer}
    assert "secret word" not in repr(code)
    assert "secret word" not in repr(entered)


def test_without_the_secret_or_the_newcomers_own_key_the_answer_says_nothing():
    fleet, members, code, private, newcomer = invited()
    promised = Invitation(code.invitation, code.secret, code.expires_at)
    answer = invitation.answer(fleet, members, promised, newcomer)
    for thief, key in ((code, keys.new_private()), (replace(code, secret=b"x" * 16), private)):
        with pytest.raises(ValueError, match="cannot be opened"):
            invitation.answered(replace(thief, secret=thief.secret), newcomer, key, answer)
    with pytest.raises(ValueError, match="cannot be opened"):
        invitation.asked(replace(promised, secret=b"x" * 16), fleet.id, invitation.ask(code, newcomer))


@given(st.text(max_size=200))
@example("mofy1-")
@example("mofy1-AAAA")
@example("mofy1-" + "A" * 10_000)
def test_any_text_is_refused_as_a_code_in_one_line(text):
    with pytest.raises(InputError, match="no whole invitation"):
        invitation.read_code(text)


def test_a_small_code_that_would_unpack_to_a_huge_one_is_refused():
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 2_000_000, 9)).decode()
    with pytest.raises(InputError):
        invitation.read_code("mofy1-" + bomb)


def test_never_and_gone_are_the_ends():
    assert NEVER < Revision(False, 1, "", "") < GONE
