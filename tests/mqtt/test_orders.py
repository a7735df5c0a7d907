"""Payloads: what is meant is understood, what is not is refused naming the field, and nothing else ever happens."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.mqtt import orders
from appliance.mqtt.orders import Cover, Order, OrderError, Reveal, Setting, Switch


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (b"mosaic", "mosaic"),
        (b" 3\n", "3"),
        (b'{"value": 3}', "3"),
        (b'{"value": 0.5}', "0.5"),
        (b'{"value": true}', "true"),
        (b'{"value": "solid", "id": "a"}', "solid"),
        (b'{"value": null}', None),
        (b"default", None),
        ("도형".encode(), "도형"),
    ],
)
def test_a_setting_is_text_or_json(payload, text):
    assert orders.read(payload, Setting).text == text


@pytest.mark.parametrize("payload", [b"ON", b"on", b"start", b"true", b'{"on": true}', b'{"on": "START"}', b"1"])
def test_a_switch_understands_what_switches_say(payload):
    assert orders.read(payload, Switch).on is True


@pytest.mark.parametrize("payload", [b"OFF", b"off", b"stop", b"false", b'{"on": false}', b"0"])
def test_and_off(payload):
    assert orders.read(payload, Switch).on is False


def test_tracks_by_number_alone_or_with_more():
    assert orders.read(b"7", Reveal) == Reveal(track=7, seconds=3600.0)
    assert orders.read(b'{"track": 7, "seconds": 60, "name": "Ada"}', Reveal).name == "Ada"
    assert orders.read(b"7", Cover).seconds is None


@pytest.mark.parametrize("payload", [b"", b"PRESS", b"{}", b'{"id": "x"}', b"  "])
def test_orders_without_a_value_take_whatever_buttons_send(payload):
    assert orders.read(payload, Order).expires is None


@pytest.mark.parametrize(
    ("payload", "model", "field"),
    [
        (b'{"track": -1}', Reveal, "track"),
        (b'{"track": 1.5}', Reveal, "track"),
        (b'{"track": 99999999999999999999}', Reveal, "track"),
        (b'{"track": 1, "seconds": 0}', Reveal, "seconds"),
        (b'{"track": 1, "seconds": 1e9}', Reveal, "seconds"),
        (b'{"track": 1, "seconds": NaN}', Reveal, "seconds"),
        (b'{"track": 1, "expires": Infinity}', Reveal, "expires"),
        (b'{"track": 1, "tarck": 2}', Reveal, "tarck"),
        (b'{"id": ""}', Order, "id"),
        (b'{"id": "' + b"x" * 65 + b'"}', Order, "id"),
        (b"", Reveal, "track"),
        (b"seven", Reveal, "track"),
        (b"maybe", Switch, "on"),
        (b'{"value": {"a": 1}}', Setting, "value"),
        (b'{"value": [1]}', Setting, "value"),
        (b"{", Order, None),
        (b'{"a"', Order, None),
        (b"\xff\xfe", Setting, None),
        (b'{"id": "\xff"}', Order, None),
        (b'{"id":' + b"[" * 10_000, Order, None),
    ],
)
def test_what_is_wrong_is_named(payload, model, field):
    with pytest.raises(OrderError) as caught:
        orders.read(payload, model)
    assert caught.value.field == field
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@given(st.binary(max_size=300), st.sampled_from([*orders.MODELS.values(), Setting, Switch]))
@example(b'{"value": 1e999}', Setting)
@example(b'{"expires": 1e308}', Order)
@example(b'{"id": "\\ud800"}', Order)
def test_any_bytes_are_an_order_or_refused(payload, model):
    with contextlib.suppress(OrderError):
        orders.read(payload, model)
    orders.told_id(payload)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["track", "seconds", "name", "id", "expires", "value", "on", "else"]), json_values, max_size=5
    ),
    st.sampled_from([*orders.MODELS.values(), Setting, Switch]),
)
def test_any_json_is_an_order_within_its_bounds_or_refused(given_, model):
    payload = json.dumps(given_).encode()
    try:
        order = orders.read(payload, model)
    except OrderError:
        return
    if isinstance(order, (Reveal, Cover)):
        assert order.track >= 0
        assert order.seconds is None or 0 < order.seconds <= orders.LONGEST_S
    assert order.id is None or 0 < len(order.id) <= 64
    assert orders.told_id(payload) == order.id


def test_an_order_ends_when_it_says():
    order = orders.read(b'{"expires": 100.0}', Order)
    assert orders.is_stale(order, 99.0) is None
    assert orders.is_stale(order, 112.5) == 13
    assert orders.is_stale(Order(), 1e12) is None
