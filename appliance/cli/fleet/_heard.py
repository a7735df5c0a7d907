"""What a terminal hears of all boxes of a broker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.cli.fleet._broker import Given, place

if TYPE_CHECKING:
    from appliance.fleet.roll import Roll, Row
    from appliance.store import Store

LISTEN_S = 1.5
"""So long for boxes outside the fleet to be heard."""

PAUSE_S = 0.5
CONNECT_S = 10.0


@contextmanager
def heard(data: Path, given: Given) -> Iterator[Callable[[], list[Row]]]:
    """Gives the boxes as they are now, again and again; raises ClickException where no broker answers."""
    from appliance.fleet.agent import broker
    from appliance.fleet.roll import Roll
    from appliance.mqtt.connection import Connection
    from appliance.store import Store, exists

    store = Store.open(data, create=True) if exists(data) else None
    fleet = store.membership().fleet() if store else None
    where = fleet.broker if fleet and not given.broker else place(data, given)
    roll = Roll()
    connection = Connection(broker(where, data), f"mofy-list-{time.time_ns()}", roll.topics, roll.hear, keep=False)
    connection.start()
    try:
        if not connection.wait(CONNECT_S):
            raise click.ClickException(f"the broker {connection.fault or 'does not answer'}")
        if store is None or fleet is None or given.broker:
            yield lambda: _outside(roll)
            return
        with _Inside(store, data, roll) as inside:
            yield inside.rows
    finally:
        connection.close()


def _outside(roll: Roll) -> list[Row]:
    time.sleep(LISTEN_S)
    return roll.rows()


class _Inside:
    """The same for a member, who hears the cards of the fleet too, also after its key is changed."""

    def __init__(self, store: Store, data: Path, roll: Roll) -> None:
        self._store, self._data, self._roll = store, data, roll
        self._opened = ExitStack()

    def __enter__(self) -> _Inside:
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def rows(self) -> list[Row]:
        """Members first."""
        from appliance.fleet import errand

        if not errand.attend(self._session, PAUSE_S):
            self._opened.close()
            self._begin()
        circle = self._session.circle
        return self._roll.rows(circle.members.values(), circle.cards)

    def _begin(self) -> None:
        from appliance.fleet.errand import errand

        self._session = self._opened.enter_context(errand(self._store, self._data))
