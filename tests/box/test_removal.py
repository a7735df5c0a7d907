"""A box is taken apart again: nothing of ours stays but what the owner may want back."""

from __future__ import annotations

from appliance.box import removal, update
from appliance.network import joining, own
from appliance.network.connections import OWN_FILE
from appliance.network.nmcli import Answer, Nmcli
from tests.box.machine import Manager, made, said


def test_uninstalling_leaves_people_and_options_unless_purged(places):
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    (places.data / "people.db").write_text("x")
    manager = Manager(places)
    list(removal.uninstall(places, manager, purge=False))
    left = {str(path.relative_to(places.root)) for path in places.root.rglob("*") if path.is_file()}
    assert left == {"etc/mofy/mofy.toml", "var/lib/mofy/people.db", "var/lib/mofy/update.json"}
    assert manager.calls == ["stop", "disable", "forget"]
    list(removal.uninstall(places, Manager(places), purge=True))
    assert not [path for path in places.root.rglob("*") if path.is_file() or path.is_symlink()]


def test_uninstalling_closes_the_own_wifi_last(places):
    """Who types it may be in it; and a machine that is no box any more must not offer one."""
    update.activate(places, made(places, "1.0-aa"), Manager(places), said())
    wifi, opened = own.make(places.data), places.root / joining.VOLATILE / OWN_FILE
    opened.parent.mkdir(parents=True)
    opened.touch()
    asked, lines = [], []

    def answers(words, longest_s):
        asked.append((tuple(words), lines[-1], places.data.exists()))
        return Answer(0, "")

    for line in removal.uninstall(places, Manager(places), True, Nmcli(answers)):
        lines.append(line)
    closed = ("connection", "delete", "uuid", wifi.uuid)
    assert asked == [(closed, "The box's own Wi-Fi is closed now", False)]
    assert not opened.exists()
