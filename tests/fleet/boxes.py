"""Boxes of a fleet: each a data folder with its own store, an agent like the control process has, and a broker."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from appliance.fleet import invitation, keys
from appliance.fleet.agent import Agent
from appliance.fleet.pace import USUAL, Pace
from appliance.store import Store
from appliance.store.membership import BrokerPlace, Fleet, Member
from appliance.store.people import Template
from tests.scripted import identity

MODEL = "model-a"

QUICK = Pace(
    look_s=0.05,
    idle_s=0.1,
    failed_s=0.5,
    card_s=0.1,
    restless_s=0.3,
    repair_s=(0.2, 0.8),
    others_s=(0.2, 1.0),
    after_rotation_s=(1.0, 3.0),
    again_s=(3.0, 20.0),
    rest_s=0.5,
)
"""The same order of things as on a box, sooner."""


def template(who: str = "ann", seed: int = 0, model: str = MODEL) -> Template:
    """A photo's worth of somebody, the size of a real one."""
    crop = np.random.default_rng(seed).integers(0, 255, (112, 112, 3)).astype(np.uint8)
    return Template(model, identity(f"{who}{seed}"), crop, 0.8, 0.1)


class Box:
    """One box; its agent runs between `on` and `off`."""

    def __init__(self, folder: Path, name: str, place: BrokerPlace, pace: Pace = USUAL) -> None:
        self.folder = folder / name
        self.name = name
        self.place = place
        self.pace = pace
        self.private = keys.new_private()
        self.store = Store.open(self.folder, create=True)
        self.agent: Agent | None = None

    @property
    def member(self) -> Member:
        """As the others know it."""
        return Member(self.name, f"Box {self.name}", keys.public_of(self.private))

    @property
    def fleet(self) -> Fleet:
        """The fleet it is in."""
        fleet = self.store.membership().fleet()
        assert fleet is not None
        return fleet

    def found(self) -> None:
        """Begin a fleet."""
        made = Fleet(secrets.token_hex(8), self.name, f"Box {self.name}", 1, b"k" * 32, self.private, self.place)
        self.store.membership().enter(made, {self.name: self.member}, "test")

    def follow(self, other: Box) -> None:
        """Come into another's fleet, as an invitation would bring it."""
        code = invitation.Code(other.fleet.id, self.place, time.time() + 60, invitation.new_secret())
        promised = invitation.Invitation(code.invitation, code.secret, code.expires_at)
        answer = invitation.answer(other.fleet, other.store.membership().members(), promised, self.member)
        other.store.membership().put_members([self.member])
        fleet, members = invitation.answered(code, self.member, self.private, answer)
        self.store.membership().enter(fleet, members, "test")

    def on(self) -> None:
        """Start the agent."""
        assert self.agent is None
        self.agent = Agent(self.folder, pace=self.pace)
        self.agent.start()

    def off(self) -> None:
        """Stop it."""
        if self.agent is not None:
            self.agent.close()
            self.agent = None

    def names(self) -> list[str]:
        """Who is enrolled."""
        return [person.name for person in self.store.people()]

    def shown(self, at: float | None = None) -> list[str]:
        """Names that the engine would show now."""
        gallery = self.store.gallery(MODEL, time.time() if at is None else at)
        return sorted(person.name for person in gallery.people)

    def all(self) -> dict[str, object]:
        """Everything that is to be the same on every box."""
        shared = self.store.shared()
        return {person: shared.person(person) for person in shared.revisions()}


def eventually(check: Callable[[], object], timeout_s: float = 60.0) -> None:
    """Wait until it is so."""
    end_at, pause_s = time.monotonic() + timeout_s, 0.02
    while not check():
        assert time.monotonic() < end_at, "did not come to be"
        time.sleep(pause_s)
        pause_s = min(1.5 * pause_s, 0.2)  # whoever asks all the time hinders those he waits for


def alike(*boxes: Box) -> bool:
    """True when all hold the same."""
    if any(box.store.shared().revisions() != boxes[0].store.shared().revisions() for box in boxes[1:]):
        return False
    first, *others = [box.all() for box in boxes]
    return all(other == first for other in others)


@contextmanager
def fleet_of(folder: Path, port: int, names: Sequence[str], pace: Pace = USUAL) -> Iterator[list[Box]]:
    """Boxes in one fleet, switched on."""
    boxes = [Box(folder, name, BrokerPlace("127.0.0.1", port), pace) for name in names]
    boxes[0].found()
    for box in boxes[1:]:
        box.follow(boxes[0])
    try:
        for box in boxes:
            box.on()
        yield boxes
    finally:
        for box in boxes:
            box.off()
