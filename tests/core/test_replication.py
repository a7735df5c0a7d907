"""Boxes that hear of each other late, twice, in any order or not at all, against a model that knows everything."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.replication import GONE, NEVER, Revision, edited, owed

CHANGES, RUNS = 500, 20
"""10,000 changes in all."""

revisions = st.one_of(
    st.just(GONE),
    st.just(NEVER),
    st.builds(Revision, st.just(False), st.integers(1, 4), st.sampled_from("abc"), st.sampled_from(["00", "11"])),
)


class Box:
    """What one box holds; `backup` is what it held some time ago."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.mine: dict[str, Revision] = {}
        self.backup: dict[str, Revision] = {}
        self.broker = 0
        """Which side of a partition it is on."""
        self.on = True

    def hear(self, person: str, revision: Revision) -> None:
        before = self.mine.get(person, NEVER)
        self.mine[person] = max(before, revision)
        assert before != GONE or self.mine[person] == GONE, "a deletion is never undone"


class World:
    """Boxes, a broker on each side, messages that were sent once and may come again at any time."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.boxes = [Box(name) for name in "abcde"]
        self.left: list[Box] = []
        self.retained: list[dict[str, Revision]] = [{}, {}, {}]
        self.sent: list[tuple[str, Revision]] = []
        self.changes = 0
        self.people = 0

    def step(self) -> None:
        weights = {"edit": 8, "make": 2, "delete": 1, "send": 8, "late": 8, "read": 3, "part": 1, "switch": 1,
                   "leave": 0.02, "restore": 0.2, "forget": 0.1, "keep": 0.5}  # fmt: skip
        name = self.random.choices(list(weights), list(weights.values()))[0]
        getattr(self, name)(self.random.choice(self.boxes))

    def make(self, box: Box) -> None:
        self.people += 1
        self._write(box, f"{self.people:04}", edited(NEVER, box.name, self._nonce()))

    def edit(self, box: Box) -> None:
        alive = [person for person, revision in box.mine.items() if not revision.gone]
        if alive:
            # Few people, so that many edit the same at once.
            person = self.random.choice(alive[-6:])
            heard = box.mine[person]
            self._write(box, person, edited(heard, box.name, self._nonce()))
            assert box.mine[person] > heard, "who had heard of an edit wins over it, whatever any clock says"

    def delete(self, box: Box) -> None:
        alive = [person for person, revision in box.mine.items() if not revision.gone]
        if alive:
            self._write(box, self.random.choice(alive), GONE)

    def send(self, box: Box) -> None:
        """What the broker lacks; those who are on the same side hear it now, later or never."""
        if not box.on:
            return
        retained = self.retained[box.broker]
        for person in list(owed(box.mine, retained)):
            if self.random.random() < 0.5:
                retained[person] = box.mine[person]
                self.sent.append((person, box.mine[person]))
                for other in self.boxes:
                    if other.on and other.broker == box.broker and self.random.random() < 0.6:
                        other.hear(person, box.mine[person])

    def late(self, box: Box) -> None:
        """An old message again, even one that the broker keeps from now on."""
        if box.on and self.sent:
            person, revision = self.random.choice(self.sent)
            box.hear(person, revision)
            if self.random.random() < 0.3:
                self.retained[box.broker][person] = revision

    def read(self, box: Box) -> None:
        if box.on:
            for person, revision in self.retained[box.broker].items():
                box.hear(person, revision)

    def part(self, box: Box) -> None:
        box.broker = self.random.randrange(3)

    def switch(self, box: Box) -> None:
        box.on = not box.on

    def leave(self, box: Box) -> None:
        if len(self.boxes) > 2:
            self.boxes.remove(box)
            self.left.append(box)

    def keep(self, box: Box) -> None:
        box.backup = dict(box.mine)

    def restore(self, box: Box) -> None:
        """An old backup is put back: it knows nothing of what it did since, and may do it again otherwise."""
        box.mine = dict(box.backup)

    def forget(self, box: Box) -> None:
        self.retained[box.broker] = {}

    def heal(self) -> None:
        """One broker, all on: whoever is owed anything is told until nobody is."""
        for box in self.boxes:
            box.on, box.broker = True, 0
        for _ in range(3):
            for box in self.random.sample(self.boxes, len(self.boxes)):
                for person in list(owed(box.mine, self.retained[0])):
                    self.retained[0][person] = box.mine[person]
                self.read(box)
        for box in self.boxes:
            assert list(owed(box.mine, self.retained[0])) == []

    def known(self) -> dict[str, Revision]:
        """The model: the greatest of all that anybody who stays, or any broker, holds."""
        everything: dict[str, Revision] = {}
        for held in (*(box.mine for box in self.boxes), self.retained[0]):
            for person, revision in held.items():
                everything[person] = max(revision, everything.get(person, NEVER))
        return everything

    def _write(self, box: Box, person: str, revision: Revision) -> None:
        self.changes += 1
        box.mine[person] = revision

    def _nonce(self) -> str:
        return f"{self.random.getrandbits(32):08x}"


@settings(max_examples=RUNS)
@given(st.integers(0, 2**64))
def test_boxes_converge_after_whatever_happened(seed):
    world = World(Random(seed))
    while world.changes < CHANGES:
        world.step()
    expected = world.known()
    world.heal()
    for box in world.boxes:
        assert box.mine == expected, "everybody holds the greatest version of everybody, and nothing was lost"


@given(st.lists(revisions, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(heard, random):
    again = [*heard, *random.sample(heard, random.randrange(len(heard) + 1))]
    random.shuffle(again)
    one, other = Box("a"), Box("b")
    for revision in heard:
        one.hear("ann", revision)
    for revision in again:
        other.hear("ann", revision)
    assert one.mine == other.mine


@given(revisions.filter(lambda revision: not revision.gone))
def test_an_edit_is_above_what_it_was_made_of_and_below_a_deletion(before):
    assert before < edited(before, "a", "00") < GONE


def test_of_two_edits_at_once_the_box_decides_and_of_two_copies_of_a_box_the_nonce():
    base = edited(NEVER, "a", "00")
    assert edited(base, "a", "ff") < edited(base, "b", "00")
    assert edited(base, "a", "00") < edited(base, "a", "01")
    assert edited(edited(base, "a", "00"), "a", "00") > edited(base, "b", "ff"), "first of all who has edited more"


@pytest.mark.parametrize("mine", [GONE, edited(NEVER, "a", "00")])
def test_what_the_others_lack_is_owed(mine):
    assert list(owed({"ann": mine}, {})) == ["ann"]
    assert list(owed({"ann": mine}, {"ann": mine})) == []
    assert list(owed({"ann": edited(NEVER, "a", "00")}, {"ann": GONE})) == []
