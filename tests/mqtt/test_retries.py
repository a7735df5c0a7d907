"""Pauses grow while tries are in vain, and begin anew after a connection that lasted."""

from __future__ import annotations

from appliance.mqtt.retries import BACK_OFF_S, LASTING_S, REFUSED_S, Retries


def pauses(retries: Retries, count: int) -> list[float]:
    found = []
    for _ in range(count):
        retries.begin()
        found.append(retries.pause_s(0.0, refused=False))
    return found


def assert_about(pause: float, usual: float) -> None:
    assert 0.5 * usual <= pause <= 1.5 * usual


def test_pauses_grow_up_to_the_last_one_and_are_drawn():
    for pause, usual in zip(pauses(Retries(), 10), [*BACK_OFF_S, *[BACK_OFF_S[-1]] * 3]):
        assert_about(pause, usual)
    assert len({pauses(Retries(), 1)[0] for _ in range(20)}) > 1


def test_a_connection_that_lasted_makes_the_next_pause_the_shortest_a_short_one_does_not():
    retries = Retries()
    pauses(retries, 3)
    retries.begin()
    retries.connected(100.0)
    assert_about(retries.pause_s(100.0 + LASTING_S, refused=False), BACK_OFF_S[3])
    retries.begin()
    retries.connected(200.0)
    assert_about(retries.pause_s(201.0 + LASTING_S, refused=False), BACK_OFF_S[0])


def test_who_was_refused_waits_for_a_person():
    assert_about(Retries().pause_s(0.0, refused=True), REFUSED_S)


def test_the_other_version_is_tried_after_hang_ups_that_nothing_explains():
    retries = Retries()
    assert not retries.hung_up(told=False)
    assert retries.hung_up(told=False)
    assert not retries.hung_up(told=False), "counted anew in the other version"
    assert not retries.hung_up(told=True)
    assert not retries.hung_up(told=False)
    retries.answered()
    assert not retries.hung_up(told=False)
