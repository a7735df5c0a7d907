"""The box's own broker: made once, never over the owner's, taken away with the box."""

from __future__ import annotations

import shutil

import pytest
from cryptography import x509

from appliance.box import broker, system_files
from appliance.box.places import Places
from appliance.config import DEFAULTS, load
from appliance.mqtt import setup
from appliance.network import own
from tests.box.machine import Manager

pytestmark = pytest.mark.skipif(shutil.which(setup.MAKER) is None, reason="mosquitto is not installed")


@pytest.fixture
def places(tmp_path):
    places = Places(tmp_path)
    (tmp_path / "etc/mosquitto/conf.d").mkdir(parents=True)
    places.data.mkdir(parents=True)
    return places


def test_it_is_made_once_with_passwords_of_its_own(places):
    manager, lines = Manager(places), []
    assert broker.prepare(places, manager, lines.append)
    password = (places.configuration / "mqtt/password-home").read_text()
    assert broker.prepare(places, manager, lines.append)
    assert (places.configuration / "mqtt/password-home").read_text() == password
    assert manager.calls == ["restart broker"]
    assert len(lines) == 1
    assert password.strip() not in lines[0]


def test_its_certificate_is_for_the_name_that_no_other_box_has(places):
    """Where there are several boxes each is found by it, and only one of them is mofy.local."""
    broker.prepare(places, Manager(places), print)
    certificate = x509.load_pem_x509_certificate((places.configuration / "mqtt/certificate.pem").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    own_name = own.make(places.data).name.lower()
    assert {"mofy.local", f"{own_name}.local"} <= set(names.get_values_for_type(x509.DNSName))


def test_a_broker_of_the_owners_is_left_alone(places):
    (places.root / "etc/mosquitto/conf.d/home.conf").write_text("listener 1883\n")
    lines = []
    assert not broker.prepare(places, Manager(places), lines.append)
    assert "left alone" in lines[0]


def test_without_mosquitto_there_is_none_and_it_is_told(tmp_path):
    lines = []
    assert not broker.prepare(Places(tmp_path), Manager(Places(tmp_path)), lines.append)
    assert "no broker" in lines[0]


@pytest.mark.parametrize(("purge", "theirs", "stays"), [(False, False, True), (True, False, False), (True, True, True)])
def test_it_goes_with_the_box_and_what_it_was_told_with_the_people(places, purge, theirs, stays):
    manager = Manager(places)
    broker.prepare(places, manager, lambda line: None)
    told = places.root / broker.TOLD
    told.parent.mkdir(parents=True)
    told.write_text("names, and photos for a box that is off")
    if theirs:
        (places.root / "etc/mosquitto/conf.d/home.conf").touch()
    broker.remove(places, manager, purge)
    assert not (places.root / broker.CONFIGURATION).exists()
    assert told.exists() == stays


def test_the_boxs_options_name_it_when_there_is_one(tmp_path):
    text = system_files.options(DEFAULTS.read_text(encoding="utf-8"), "127.0.0.1")
    (tmp_path / "mofy.toml").write_text(text)
    assert load(tmp_path / "mofy.toml").mqtt.broker == "127.0.0.1"
