"""The store's side of a fleet: every way to change people is noticed, what is heard is taken over whole."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from appliance.core.replication import GONE, Revision
from appliance.errors import InputError, StoreError
from appliance.store import DATABASE, KEY, Store
from appliance.store.membership import BrokerPlace
from appliance.store.people import Dossier
from appliance.store.shared import Heard
from tests.fleet.boxes import Box, template

PLACE = BrokerPlace("127.0.0.1", 1883)


@pytest.fixture
def boxes(tmp_path):
    a, b = (Box(tmp_path, name, PLACE) for name in "ab")
    a.found()
    b.follow(a)
    return a, b


def tell(one: Box, other: Box) -> list[Heard]:
    """Everything that one knows, to the other."""
    return other.store.shared().take(list(one.all().values()))


def revision(box: Box, name: str) -> Revision:
    return box.store.shared().revisions()[box.store.known(name).id]


CHANGES = {
    "enrol": lambda store: store.enrol("Ann", [template(seed=9)], "test"),
    "rename": lambda store: store.change("Ann", "test", new_name="Anna"),
    "note": lambda store: store.change("Ann", "test", note="x"),
    "expiry": lambda store: store.change("Ann", "test", expires_at=9e9),
    "switch": lambda store: store.change("Ann", "test", enabled=False),
    "reject": lambda store: store.reject("Ann", [template("eve")], "test"),
    "unreject": lambda store: (store.reject("Ann", [template("eve")], "test"), store.unreject("Ann", "test")),
    "import": lambda store: store.restore([Dossier(store.known("Ann"), [template(seed=5)])], "test"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_way_to_change_people_is_told(boxes, change):
    a, b = boxes
    a.store.enrol("Ann", [template()], "test")
    tell(a, b)
    before = revision(a, "Ann")
    CHANGES[change](a.store)
    (told,) = tell(a, b)
    assert told.revision > before
    assert told.revision.counter == before.counter + 1, "a change is one step, however many rows it touches"
    assert a.all() == b.all()
    assert a.store.people() == b.store.people()
    assert a.shown() == b.shown()


def test_each_box_locks_with_its_own_key_and_shows_the_same_faces(boxes):
    a, b = boxes
    a.store.enrol("Ann", [template(seed=i) for i in range(3)], "test")
    a.store.reject("Ann", [template("eve")], "test")
    tell(a, b)
    assert (a.folder / KEY).read_bytes() != (b.folder / KEY).read_bytes()
    person = a.store.known("Ann").id
    for ours, theirs in zip(a.store.templates(person), b.store.templates(person), strict=True):
        assert ours.id == theirs.id
        assert (ours.embedding == theirs.embedding).all()
        assert (ours.crop == theirs.crop).all()
    assert len(b.store.rejected(person)) == 1
    assert b.shown() == ["Ann"]


def test_a_new_embedding_of_the_same_photo_is_each_boxs_own(boxes):
    a, b = boxes
    a.store.enrol("Ann", [template()], "test")
    tell(a, b)
    (photo,) = b.store.templates(b.store.known("Ann").id)
    b.store.re_embed("model-b", {photo.id: template("other").embedding}, "test")
    assert tell(b, a) == []
    a.store.change("Ann", "test", note="new")
    tell(a, b)
    (kept,) = b.store.templates(b.store.known("Ann").id)
    assert kept.model == "model-b", "what is heard does not undo what this box's own model saw"


def test_who_is_deleted_elsewhere_leaves_no_byte_here_and_is_noted(boxes):
    a, b = boxes
    a.store.enrol("Ann", [template()], "test")
    tell(a, b)
    person = b.store.known("Ann").id
    with closing(sqlite3.connect(b.folder / DATABASE)) as db:
        (crop,) = db.execute("SELECT crop FROM templates").fetchone()
    everything = lambda: b"".join(path.read_bytes() for path in b.folder.iterdir())  # noqa: E731
    assert crop[12:44] in everything()
    a.store.remove("Ann", "test")
    tell(a, b)
    assert crop[12:44] not in everything()
    assert b.shown() == b.names() == []
    assert ("fleet", f"person {person}: removed, as on another box") in [entry[1:] for entry in b.store.audit()]


def test_nobody_who_was_deleted_comes_back(boxes):
    a, b = boxes
    ann = a.store.enrol("Ann", [template()], "test")
    old = a.store.shared().person(ann.id)
    tell(a, b)
    a.store.remove("Ann", "test")
    b.store.change("Ann", "test", note="edited at the same time")
    b.store.change("Ann", "test", note="and again")
    late = b.store.shared().person(ann.id)
    tell(a, b)
    for heard in (old, late, replace(late, revision=replace(late.revision, counter=2**50))):
        assert a.store.shared().take([heard]) == []
        assert b.store.shared().take([heard]) == []
    assert a.names() == b.names() == []
    again = a.store.enrol("Ann", [template()], "test")
    tell(a, b)
    assert again.id != ann.id
    assert b.names() == ["Ann"], "who is enrolled anew is somebody new"


def test_who_is_deleted_before_he_was_heard_of_never_comes(boxes):
    a, b = boxes
    ann = a.store.enrol("Ann", [template()], "test")
    a.store.shared().revisions()
    late = a.store.shared().person(ann.id)
    a.store.remove("Ann", "test")
    assert [heard.id for heard in tell(a, b)] == [ann.id]
    assert b.store.shared().take([late]) == []
    assert b.names() == []


def test_rows_of_somebody_deleted_that_were_put_back_by_hand_go_again(boxes):
    a, _ = boxes
    ann = a.store.enrol("Ann", [template()], "test")
    a.store.shared().revisions()
    with closing(sqlite3.connect(a.folder / DATABASE)) as db:
        db.execute("INSERT INTO fleet_deleted VALUES (?)", [ann.id])
        db.execute("UPDATE fleet_people SET changed = 1")
        db.commit()
    assert a.store.shared().revisions() == {ann.id: GONE}
    assert a.names() == []


def test_two_who_come_to_have_one_name_are_told_apart_alike_everywhere(boxes):
    a, b = boxes
    one = a.store.enrol("Ann", [template()], "test")
    two = b.store.enrol("ANN", [template("ben")], "test")
    tell(a, b)
    tell(b, a)
    tell(a, b)
    second = max((one, two), key=lambda person: person.id)
    first = min((one, two), key=lambda person: person.id)
    assert a.store.people() == b.store.people()
    assert {person.id: person.name for person in a.store.people()} == {
        first.id: first.name,
        second.id: f"{second.name} ({second.id[:6]})",
    }
    assert sorted(a.shown()) == sorted(b.shown()) == sorted(a.names())


def test_whatever_fails_takes_over_nothing(boxes, monkeypatch):
    a, b = boxes
    for name in ("Ann", "Ben"):
        a.store.enrol(name, [template(name)], "test")
    with closing(sqlite3.connect(b.folder / DATABASE)) as db:
        db.execute(
            "CREATE TRIGGER fails BEFORE INSERT ON templates WHEN (SELECT count(*) FROM templates) > 0"
            " BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
        db.commit()
    with pytest.raises(StoreError):
        tell(a, b)
    assert b.names() == []
    assert b.store.shared().revisions() == {}


def test_a_face_stays_with_whom_it_was_enrolled_for(boxes):
    a, b = boxes
    a.store.enrol("Ann", [template()], "test")
    tell(a, b)
    ann = a.store.shared().person(a.store.known("Ann").id)
    thief = replace(ann.person, id="e" * 16, name="Eve")
    b.store.shared().take([Heard(thief.id, Revision(False, 1, "x", "0" * 8), thief)])
    assert b.shown() == ["Ann"]
    assert b.store.known("Eve").photos == 0


def test_without_a_fleet_nothing_is_kept_and_joining_tells_everybody(tmp_path):
    a = Box(tmp_path, "a", PLACE)
    a.store.enrol("Ann", [template()], "test")
    a.store.enrol("Ben", [template("ben")], "test")
    a.store.remove("Ben", "test")
    with pytest.raises(StoreError, match="in no fleet"):
        a.store.shared().take([])
    a.found()
    assert [revision.counter for revision in a.store.shared().revisions().values()] == [1]
    with pytest.raises(InputError, match="already"):
        a.found()


def test_leaving_drops_whom_others_enrolled_and_tells_nobody_that_they_are_gone(boxes):
    a, b = boxes
    a.store.enrol("Ann", [template()], "test", expires_at=math.inf)
    b.store.enrol("Ben", [template("ben")], "test")
    tell(a, b)
    assert b.store.membership().leave("test") == 1
    assert b.names() == ["Ben"]
    assert b.store.membership().fleet() is None
    b.follow(a)
    tell(b, a)
    tell(a, b)
    assert a.names() == b.names() == ["Ann", "Ben"], "who comes back hears of everybody again"


def test_the_key_of_the_fleet_lies_locked(boxes):
    a, _ = boxes
    everything = b"".join(path.read_bytes() for path in a.folder.iterdir())
    fleet = a.fleet
    for secret in (fleet.key, fleet.private):
        assert secret not in everything
        assert secret.hex().encode() not in everything


def test_a_lost_key_is_told_and_not_replaced_while_a_fleet_depends_on_it(boxes):
    a, _ = boxes
    (a.folder / KEY).unlink()
    with pytest.raises(StoreError, match="key is missing"):
        Store.open(a.folder, create=True)
