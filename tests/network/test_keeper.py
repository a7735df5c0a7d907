"""The service over nmcli: what becomes of the box in the field.

Most tests call what the program would do; some start it each time, as the service does (test_service.py, too).
"""

from __future__ import annotations

import stat

import pytest

from appliance.network import connections, own, report
from appliance.network.joining import SAVED
from appliance.network.nmcli import run
from appliance.network.policy import LONELY_S, RETRY_SEEN_S
from tests.network.conftest import HOME, PASSWORD, Watch


def test_alone_it_opens_its_own_network_and_the_same_one_every_time(field):
    watch = Watch(field)
    watch.passes(LONELY_S - 3)
    assert field.told.state == "searching"
    watch.passes(6)
    wifi = own.read(field.site.data)
    assert (field.told.state, field.told.own) == ("own", wifi.name)
    assert field.connected() == wifi.name
    (profile,) = field.world()["profiles"].values()
    assert (profile["mode"], profile["psk"], profile["address"]) == ("ap", wifi.password, "10.42.0.1/24")
    assert own.make(field.site.data) == wifi


def test_a_cable_is_enough(field):
    cable = {"type": "ethernet", "file": "x", "ssid": "", "mode": "", "psk": "", "autoconnect": True, "address": ""}
    field.change(profiles={"cable": cable}, devices={"eth0": {"type": "ethernet", "state": "disconnected", "uuid": ""}})
    watch = Watch(field)
    watch.passes(LONELY_S * 3)
    assert (field.told.state, field.told.addresses) == ("cable", ("192.168.1.5",))


def test_a_cable_that_somebody_else_looks_after_is_one_too(field):
    field.change(devices={"eth0": {"type": "ethernet", "state": "unmanaged", "uuid": "", "foreign": "10.1.2.3/24"}})
    watch = Watch(field)
    watch.passes(LONELY_S * 3)
    assert (field.told.state, field.told.addresses) == ("cable", ("10.1.2.3",))


def test_it_joins_what_is_wished_and_never_says_the_password(field):
    watch = Watch(field, runner=run)
    watch.passes(LONELY_S + 3)
    wished = field.wishes("join", HOME, PASSWORD)
    watch.passes(3)
    assert (field.told.state, field.told.ssid, field.told.answered) == ("wifi", HOME, wished)
    assert field.connected() == HOME
    (file,) = (field.site.root / SAVED).iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    secret = own.read(field.site.data).password
    said = " ".join(word for call in field.calls for word in call)
    assert PASSWORD not in said
    assert secret not in said
    assert PASSWORD not in (field.site.runtime / report.NAME).read_text()
    assert [path.name for path in field.site.runtime.iterdir()] == [report.NAME], "the wish is gone"


@pytest.mark.parametrize(
    ("ssid", "password", "why"),
    [
        (HOME, "not the word", "password"),
        ("Elsewhere", "some words", "out-of-reach"),
        ("Dead", "some words", "no-address"),
        ("Office", "some words", "unusable"),
        ("Ancient", "some words", "unusable"),
        (HOME, "", "unusable"),
    ],
)
def test_what_fails_leads_back_to_the_own_network_and_says_why(field, ssid, password, why):
    dead = {"security": "WPA2", "password": "some words", "signal": 5, "dhcp": False}
    office, ancient = ({"security": one, "password": "x", "signal": 9} for one in ("WPA2 802.1X", "WEP"))
    field.change(air={"Dead": dead, "Office": office, "Ancient": ancient})
    watch = Watch(field)
    watch.passes(LONELY_S + 3)
    wished = field.wishes("join", ssid, password)
    watch.passes()
    assert (field.told.failure, field.told.failed_ssid, field.told.answered) == (why, ssid, wished)
    assert field.told.state == "own"
    assert field.told.words.startswith(f"{ssid}: ")
    assert [one["mode"] for one in field.world()["profiles"].values()] == ["ap"], "nothing of the try is left"
    assert list((field.site.root / SAVED).glob("*")) == []


def test_a_wrong_password_for_a_known_network_does_not_lose_it(field):
    watch = Watch(field)
    field.wishes("join", HOME, PASSWORD)
    watch.passes()
    before = set(field.world()["profiles"])
    field.wishes("join", HOME, "not the word")
    watch.passes(3)
    assert field.told.failure == "password"
    assert set(field.world()["profiles"]) == before
    assert field.told.state == "wifi", "NetworkManager goes back into what it knows"
    field.wishes("join", HOME)
    watch.passes()
    assert (field.told.state, field.told.failure) == ("wifi", "")


def test_a_known_network_that_comes_back_is_joined_when_nobody_is_in_the_own_one(field):
    watch = Watch(field, guests=1)
    field.wishes("join", HOME, PASSWORD)
    watch.passes()
    home = field.world()["air"][HOME]
    field.change(air={HOME: None}, devices={"wlan0": {"type": "wifi", "state": "disconnected", "uuid": ""}})
    watch.passes(LONELY_S + 6)
    assert field.told.state == "own"
    field.change(air={HOME: home})
    watch.passes(RETRY_SEEN_S * 3)
    assert field.told.state == "own", "somebody is in it"
    watch.guests = 0
    watch.passes(RETRY_SEEN_S + 33)
    assert (field.told.state, field.told.ssid) == ("wifi", HOME)


def test_the_own_network_stays_when_it_is_asked_for_and_over_a_cut_of_power(field):
    watch = Watch(field)
    field.wishes("join", HOME, PASSWORD)
    watch.passes()
    field.wishes("own")
    watch.passes(3)
    assert (field.told.state, field.told.own_kept) == ("own", True)
    field.change(devices={"wlan0": {"type": "wifi", "state": "disconnected", "uuid": ""}})
    again = Watch(field)
    again.passes(3)
    assert field.told.state == "own"
    field.wishes("automatic")
    again.passes(3)
    assert (field.told.state, field.told.ssid, field.told.own_kept) == ("wifi", HOME, False)
    assert not own.is_kept(field.site.data)


def test_switching_it_off_where_there_is_no_other_locks_nobody_out(field):
    watch = Watch(field)
    field.wishes("own")
    watch.passes(3)
    field.wishes("automatic")
    watch.passes(30)
    assert (field.told.state, field.told.own_kept) == ("own", False)


def test_a_radio_that_is_switched_off_is_switched_on_when_it_is_needed(field):
    field.change(devices={"wlan0": {"type": "wifi", "state": "unavailable", "uuid": ""}})
    watch = Watch(field)
    watch.passes(LONELY_S + 3)
    assert field.told.state == "own"


def test_it_opens_nothing_where_the_options_forbid_it(field):
    watch = Watch(field, own_allowed=False)
    watch.passes(LONELY_S * 10)
    assert field.told.state == "searching"
    field.wishes("own")
    watch.passes(3)
    assert field.told.state == "own"


def test_forgetting(field):
    watch = Watch(field)
    field.wishes("join", HOME, PASSWORD)
    watch.passes()
    assert field.told.known == (HOME,)
    field.wishes("forget", HOME)
    watch.passes(LONELY_S + 6)
    assert field.told.known == ()
    assert field.told.state == "own"


def test_a_cable_gets_its_address_and_loses_it_again(field):
    field.change(devices={"eth0": {"type": "ethernet", "state": "disconnected", "uuid": ""}})
    watch = Watch(field, cable=("192.168.0.10/24", "192.168.0.1"))
    watch.passes(3)
    assert (field.told.state, field.told.addresses) == ("cable", ("192.168.0.10",))
    Watch(field).passes()
    assert connections.CABLE_UUID not in field.world()["profiles"]


def test_what_a_cut_of_power_left_of_a_try_is_tidied_away(field):
    watch = Watch(field)
    field.wishes("join", HOME, PASSWORD)
    watch.passes()
    (file,) = (field.site.root / SAVED).iterdir()
    half = file.with_name("mofy-0c5d6a36-6c4a-4e3a-9a57-1d6f3c1c0001.nmconnection")
    half.write_text(file.read_text().replace("[connection]\n", "[connection]\nautoconnect=false\n"))
    Watch(field).passes()
    assert list((field.site.root / SAVED).iterdir()) == [file]


def test_a_machine_without_network_manager_says_so_and_goes_on(field, monkeypatch):
    field.change(running=False)
    watch = Watch(field, runner=run)
    watch.passes(6)
    assert field.told.state == "unmanaged"
    assert "does not run" in field.told.words
    field.change(running=True)
    watch.passes(LONELY_S + 6)
    assert (field.told.state, field.told.words) == ("own", "")
    monkeypatch.setenv("PATH", "/nowhere")
    watch.passes(3)
    assert "not on this machine" in field.told.words


def test_a_network_manager_that_refuses_everything_is_not_asked_all_the_time(field):
    (field.folder / "bin/nmcli").write_text("#!/bin/sh\necho x >>$FAKE_NMCLI.count\necho 'Error: no.' >&2\nexit 1\n")
    watch = Watch(field, runner=run)
    wished = field.wishes("own")
    watch.passes(30)
    assert (field.told.answered, field.told.words) == (wished, "no."), "whoever wishes learns that it was refused"
    assert len((field.folder / "world.json.count").read_text().split()) < 40
