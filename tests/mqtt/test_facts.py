"""Facts are read anew when they change, and again while they could not be read."""

from __future__ import annotations

from appliance import config
from appliance.errors import StoreError
from appliance.mqtt import facts
from appliance.mqtt.facts import Looker
from appliance.store import Store
from tests.fleet.boxes import template


def test_who_could_not_be_listed_once_is_listed_again_though_nothing_changes(tmp_path, monkeypatch):
    """A store that was busy for a moment: else nobody would be known at the broker until somebody else is enrolled."""
    monkeypatch.setattr(facts, "RETRY_S", -1.0)
    Store.open(tmp_path, create=True).enrol("Ann", [template()], "test")
    looker = Looker(tmp_path, tmp_path, config.load())

    def busy(_):
        raise StoreError("people.db: is in use by another program")

    with monkeypatch.context() as now:
        now.setattr(Store, "people", busy)
        assert looker.look().people_fault
    found = looker.look()
    assert ([one.name for one in found.people], found.people_fault) == (["Ann"], None)
    looker.close()
