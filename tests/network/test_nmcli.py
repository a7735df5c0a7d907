"""nmcli's words, as a real NetworkManager 1.42 printed them, or as its manual has them where there was no radio."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.network.joining import told
from appliance.network.nmcli import Answer, Device, Nmcli, NoManagerError, Profile, RefusedError, Sight, split

SHOW = ("-t", "-f", "connection.uuid,802-11-wireless.ssid,802-11-wireless.mode", "connection", "show")
RECORDED = {
    ("-t", "-e", "yes", "-f", "DEVICE,TYPE,STATE,CON-UUID", "device", "status"): Answer(0, (
        "eth7:ethernet:connecting (getting IP configuration):eff031e7-74b2-3585-bb34-6dd42270719b\n"
        "lo:loopback:connected (externally):62a00447-53cb-43f1-b563-37eaf963a216\n"
        "peer7:ethernet:disconnected:\n"
        "wlan0:wifi:connected:7c948851-0650-4293-8d79-e54b9b523114\n"
        "p2p-dev-wlan0:wifi-p2p:disconnected:\n"
    )),
    ("-t", "-e", "yes", "-f", "UUID,TYPE", "connection", "show"): Answer(0, (
        "7c948851-0650-4293-8d79-e54b9b523114:802-11-wireless\n"
        "5a3f1d5e-0c3b-4a27-9d27-9d0f6d9d1a12:802-11-wireless\n"
        "62a00447-53cb-43f1-b563-37eaf963a216:loopback\n"
        "2a7a2abe-c54b-3df1-b916-4c08292247f2:802-3-ethernet\n"
    )),
    (*SHOW, "7c948851-0650-4293-8d79-e54b9b523114", "5a3f1d5e-0c3b-4a27-9d27-9d0f6d9d1a12"): Answer(0, (
        "connection.uuid:7c948851-0650-4293-8d79-e54b9b523114\n"
        "802-11-wireless.ssid:a:b\\c\n"
        "802-11-wireless.mode:infrastructure\n"
        "\n"
        "connection.uuid:5a3f1d5e-0c3b-4a27-9d27-9d0f6d9d1a12\n"
        "802-11-wireless.ssid:MOFY\n"
        "802-11-wireless.mode:ap\n"
    )),
    ("-t", "-e", "yes", "-f", "SSID,SIGNAL,SECURITY", "device", "wifi", "list", "ifname", "wlan0", "--rescan", "no"):
        Answer(0, "a\\:b\\\\c:40:WPA2\n:90:WPA2\nCafé:77:\na\\:b\\\\c:85:WPA2 WPA3\nOld:20:WEP\n"),
    ("-t", "-f", "IP4.ADDRESS", "device", "show", "eth7"):
        Answer(0, "IP4.ADDRESS[1]:192.168.77.10/24\nIP4.ADDRESS[2]:10.0.0.1/8\n"),
    ("-t", "-f", "IP4.ADDRESS", "device", "show", "wlan9"): Answer(10, "", "Error: Device 'wlan9' not found.\n"),
}  # fmt: skip


@pytest.fixture
def nmcli() -> Nmcli:
    """Answers only what was asked when it was recorded."""
    return Nmcli(lambda words, _: RECORDED[tuple(words)])


def test_devices(nmcli):
    devices = {one.name: one for one in nmcli.devices()}
    assert devices["wlan0"] == Device("wlan0", "wifi", "connected", "7c948851-0650-4293-8d79-e54b9b523114")
    assert devices["eth7"].connecting
    assert not devices["lo"].connected
    assert devices["peer7"].profile == ""


def test_known_networks(nmcli):
    assert nmcli.profiles() == [
        Profile("7c948851-0650-4293-8d79-e54b9b523114", "a:b\\c", False),
        Profile("5a3f1d5e-0c3b-4a27-9d27-9d0f6d9d1a12", "MOFY", True),
    ]


def test_what_is_in_reach_comes_once_each_and_the_strongest_first(nmcli):
    assert nmcli.sights("wlan0", anew=False) == [
        Sight("a:b\\c", 85, "WPA2 WPA3"), Sight("Café", 77, ""), Sight("Old", 20, "WEP"),
    ]  # fmt: skip


def test_addresses_and_a_device_that_is_gone(nmcli):
    assert nmcli.addresses("eth7") == ("192.168.77.10", "10.0.0.1")
    with pytest.raises(RefusedError, match=r"^Device 'wlan9' not found\.$"):
        nmcli.addresses("wlan9")


def test_no_network_manager(monkeypatch):
    with pytest.raises(NoManagerError, match="does not run"):
        Nmcli(lambda *_: Answer(8, "", "Error: NetworkManager is not running.")).devices()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoManagerError, match="not on this machine"):
        Nmcli().load(Path("x"))


@given(st.lists(st.text(st.characters(exclude_characters="\n\r")), min_size=1))
def test_cells_come_back_whatever_is_in_them(cells):
    row = ":".join(cell.replace("\\", "\\\\").replace(":", "\\:") for cell in cells)
    assert split(row) == cells


@pytest.mark.parametrize(
    ("words", "failure"),
    [
        ("Connection activation failed: Secrets were required, but not provided.", "password"),
        ("Connection activation failed: The Wi-Fi network could not be found", "out-of-reach"),
        ("Timeout expired (30 seconds)", "out-of-reach"),
        ("Connection activation failed: IP configuration could not be reserved (no available address)", "no-address"),
        ("Connection activation failed: No suitable device found for this connection.", "other"),
    ],
)
def test_reasons(words, failure):
    assert told("Home", words).failure == failure
    assert told("Home", words).words.startswith("Home: ")


def test_a_name_that_would_steer_a_terminal_is_left_out():
    """It comes from whoever is in reach, and root looks at it."""
    rows = "\x1b[2J\x1b]0;evil:99:WPA2\nCaf\u202e:98:WPA2\na\x85b:60:\nSet 4:50:WPA2\n"
    nmcli = Nmcli(lambda words, _: Answer(0, rows))
    assert [one.ssid for one in nmcli.sights("wlan0", anew=False)] == ["Set 4"]
