"""A clock that is set back brings nobody back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.live.clock import Clock

STEPS = st.lists(st.tuples(st.floats(0, 100), st.floats(-1e6, 1e6)), max_size=20)


class Machine:
    """A machine whose clock can be set."""

    def __init__(self) -> None:
        self.wall, self.passed = 1_700_000_000.0, 50.0
        self.clock = Clock(lambda: self.wall, lambda: self.passed)

    def wait(self, seconds: float) -> None:
        self.wall += seconds
        self.passed += seconds


@given(STEPS)
def test_it_never_goes_back_and_never_waits(steps):
    machine = Machine()
    before = machine.clock()
    for seconds, set_by in steps:
        machine.wait(seconds)
        machine.wall += set_by
        now = machine.clock()
        assert now >= before + seconds - 1e-3
        assert now >= machine.wall - 1e-3
        before = now


def test_it_is_the_machines_own_while_nobody_sets_that():
    machine = Machine()
    for _ in range(5):
        machine.wait(3)
        assert abs(machine.clock() - machine.wall) < 1e-3
    assert machine.clock.fault is None


def test_a_clock_set_back_is_told_until_it_has_caught_up():
    machine = Machine()
    machine.clock()
    machine.wall -= 3600
    assert "60 min" in (machine.clock.fault or "")
    machine.wall += 3590
    assert machine.clock.fault is None
