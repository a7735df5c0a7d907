"""Wishes: locked, obeyed once, and never believed."""

from __future__ import annotations

import json
import os
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.errors import InputError, MofyError
from appliance.network import own, profiles, wishes
from appliance.network.wishes import PREFIX, Wish, take, wish


@pytest.fixture
def folders(tmp_path):
    data, runtime = tmp_path / "data", tmp_path / "run"
    runtime.mkdir()
    return data, runtime


def test_they_come_in_their_order_and_once(folders):
    ids = [wish(*folders, one) for one in (Wish("own"), Wish("join", "Home", "pass word"), Wish("scan"))]
    taken = take(*folders)
    assert [(one.kind, one.ssid, one.password, one.id) for one in taken] == [
        ("own", "", "", ids[0]), ("join", "Home", "pass word", ids[1]), ("scan", "", "", ids[2]),
    ]  # fmt: skip
    assert take(*folders) == []
    assert "pass word" not in repr(taken)


def test_the_password_is_locked_and_for_nobody_elses_eyes(folders):
    wish(*folders, Wish("join", "Home", "pass word"))
    (file,) = folders[1].iterdir()
    assert b"pass word" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert (folders[0] / wishes.KEY).stat().st_mode & 0o077 == 0


def test_a_password_does_not_open_in_another_wish(folders):
    wish(*folders, Wish("join", "Home", "pass word"))
    (file,) = folders[1].iterdir()
    file.rename(folders[1] / f"{PREFIX}{time.time_ns():020d}-00000000.json")
    assert take(*folders) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.dictionaries(
        st.sampled_from(["kind", "ssid", "password"]), inner)).map(lambda told: json.dumps(told).encode())
)  # fmt: skip
def test_what_is_no_wish_is_deleted(folders, content):
    path = folders[1] / f"{PREFIX}{time.time_ns():020d}-aaaaaaaa.json"
    path.write_bytes(content)
    assert take(*folders) == []
    assert not path.exists()


def test_neither_links_nor_pipes_nor_old_ones(folders, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(json.dumps({"kind": "own", "ssid": "", "password": ""}))
    (folders[1] / f"{PREFIX}{time.time_ns():020d}-aaaaaaaa.json").symlink_to(secret)
    os.mkfifo(folders[1] / f"{PREFIX}{time.time_ns():020d}-bbbbbbbb.json")
    wish(*folders, Wish("own"))
    for file in folders[1].glob(f"{PREFIX}*"):
        if file.is_file() and not file.is_symlink():
            name = f"{time.time_ns() - int(wishes.OLD_S * 2e9):020d}-cccccccc"
            file.rename(folders[1] / f"{PREFIX}{name}.json")
    assert take(*folders) == []
    assert list(folders[1].iterdir()) == []
    assert secret.exists()


def test_a_flood_is_refused(folders):
    for _ in range(wishes.MOST_WAITING):
        wish(*folders, Wish("scan"))
    with pytest.raises(InputError, match="more to do"):
        wish(*folders, Wish("scan"))


@pytest.mark.parametrize(
    ("ssid", "password"),
    [
        ("", ""),
        ("x" * 33, ""),
        ("한" * 11, ""),
        ("a\nb", ""),
        ("Home", "short"),
        ("Home", "x" * 65),
        ("Home", "pässword"),
    ],
)
def test_what_can_be_no_wifi_is_refused_without_saying_the_password(folders, ssid, password):
    with pytest.raises(InputError) as refused:
        wish(*folders, Wish("join", ssid, password))
    assert not password or password not in str(refused.value)


def test_where_nothing_can_be_left_it_says_so(folders):
    with pytest.raises(MofyError, match="cannot be left there"):
        wish(folders[0], folders[1] / "none", Wish("own"))


def test_the_own_network_is_made_once_from_the_machines_id(tmp_path):
    (tmp_path / "id").write_text("0123456789abcdef0123456789abcdef\n")
    made = own.make(tmp_path, tmp_path / "id")
    assert made.name == own.make(tmp_path).name
    assert "0123" not in made.name
    assert len(made.name) == len("MOFY-abcd")
    assert len(made.password) == 14
    assert (tmp_path / own.FILE).stat().st_mode & 0o077 == 0
    (tmp_path / own.FILE).write_text("{}")
    assert own.read(tmp_path) is None
    with pytest.raises(MofyError, match="damaged"):
        own.make(tmp_path)


def test_a_phone_reads_the_code_whatever_the_name_is():
    assert profiles.wifi_code('a;b:"c\\,', "p;w") == 'WIFI:T:WPA;S:a\\;b\\:\\"c\\\\\\,;P:p\\;w;;'


def test_security_decides_how_it_is_joined():
    def lock(security, password="some words"):
        return profiles.joined("u", "Home", password, security)

    assert "key-mgmt=wpa-psk" in lock("WPA2")
    assert "key-mgmt=wpa-psk" in lock("WPA2 WPA3")
    assert "key-mgmt=sae" in lock("WPA3")
    assert "key-mgmt=owe" in lock("OWE", "")
    assert "wifi-security" not in lock("", "")
    assert "hidden=true" in lock(None)
    assert "autoconnect=false" in lock("WPA2")
    for impossible in ("WPA2 802.1X", "WEP"):
        with pytest.raises(InputError):
            lock(impossible)
