"""Threads beside the pipeline: nothing lost, nothing out of order, nobody waiting for ever."""

from __future__ import annotations

import threading
import time
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.files.overlap import TOGETHER, Ahead, Behind, batched


@given(st.lists(st.integers()), st.integers(1, 4))
def test_ahead_gives_every_item_in_order(items, depth):
    ahead = Ahead(iter(items), depth)
    assert list(ahead) == items
    ahead.stop()


def test_ahead_is_never_further_ahead_than_told():
    drawn: list[int] = []

    def source():
        for number in range(100):
            drawn.append(number)
            yield number

    ahead = Ahead(source(), 3)
    for number, _ in zip(range(20), ahead):
        time.sleep(0.001)
        assert len(drawn) <= number + 1 + 3 + 1
    ahead.stop()


def test_what_the_source_raises_arrives_after_its_items():
    def source():
        yield 1
        raise OSError("gone")

    ahead = Ahead(source(), 4)
    items = iter(ahead)
    assert next(items) == 1
    with pytest.raises(OSError, match="gone"):
        next(items)
    ahead.stop()


def test_stopping_a_source_that_nobody_reads_any_more():
    before = threading.active_count()
    ahead = Ahead(iter(range(1000)), 2)
    ahead.stop()
    assert threading.active_count() == before


@given(st.lists(st.integers()), st.integers(1, 4))
def test_behind_does_every_item_in_order(items, depth):
    done: list[int] = []
    behind = Behind(done.append, depth)
    for item in items:
        behind.put(item)
    behind.finish()
    assert done == items


def test_a_failure_is_told_and_nothing_is_done_after_it():
    done: list[int] = []

    def act(item: int) -> None:
        if item == 3:
            raise OSError("no space left")
        done.append(item)

    behind = Behind(act, 2)
    with pytest.raises(OSError, match="no space left"):
        put_slowly(behind, 1000)
    behind.abandon()
    assert done == [0, 1, 2]


def put_slowly(behind: Behind[int], count: int) -> None:
    for item in range(count):
        behind.put(item)
        time.sleep(0.001)


def test_a_failure_of_the_last_item_is_told_at_the_end():
    def act(item: int) -> None:
        raise OSError("no space left")

    behind = Behind(act, 2)
    behind.put(1)
    with pytest.raises(OSError, match="no space left"):
        behind.finish()


def test_abandoning_leaves_the_rest_undone():
    begun, go_on = threading.Event(), threading.Event()
    done: list[int] = []

    def act(item: int) -> None:
        begun.set()
        go_on.wait(10)
        done.append(item)

    before = threading.active_count()
    behind = Behind(act, 5)
    for item in range(5):
        behind.put(item)
    begun.wait(10)
    threading.Timer(0.05, go_on.set).start()
    behind.abandon()
    assert done == [0]
    time.sleep(0.1)
    assert threading.active_count() == before


@given(st.lists(st.booleans()))
def test_batches_hold_every_item_once_in_order_and_end_with_a_picture(pictures):
    items = list(enumerate(pictures))
    batches = list(batched(items, lambda item: item[1]))
    assert list(chain.from_iterable(batches)) == items
    assert all(batch[-1][1] and sum(yes for _, yes in batch) == TOGETHER for batch in batches[:-1])
    assert all(batches), "none is empty"
