"""The broker that `mofy mqtt setup` makes, run for real: who gets in, and who may do what."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.errors import InputError
from appliance.mqtt import certificates, retries
from appliance.mqtt.broker import Broker
from appliance.mqtt.connection import Connection
from appliance.mqtt.message import Message
from appliance.mqtt.setup import setup
from tests.mofy_process import CHECKOUT
from tests.mosquitto import Mosquitto, needs_mosquitto
from tests.ports import free_port
from tests.waiting import PATIENCE_S, awaited

pytestmark = needs_mosquitto


class Own:
    """A broker as it is on a box."""

    def __init__(self, folder: Path, more: tuple[str, ...] = ()) -> None:
        self.folder, self.data = folder / "etc", folder / "data"
        self.ports = free_port(), free_port()
        self.made = setup(self.folder, self.data, ports=self.ports)
        lines = self.made.configuration.read_text(encoding="utf-8").splitlines()
        self.broker = Mosquitto(folder / "run", [*lines, *more], self.ports[0])

    def seen_by(self, user: str, **more) -> Broker:
        return replace(Broker("127.0.0.1", self.ports[0], user, self.folder / f"password-{user}"), **more)

    def encrypted(self, user: str, **more) -> Broker:
        return self.seen_by(user, **{"port": self.ports[1], "tls": True, "ca": self.folder / "ca.pem", **more})


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    one = Own(tmp_path_factory.mktemp("own"))
    with one.broker:
        yield one


@pytest.fixture
def connect():
    made = []

    def make(broker: Broker, topics=("#",), name: str = ""):
        got: list[Message] = []
        one = Connection(broker, name or f"test-{len(made)}", topics, got.append, keep=False)
        one.start()
        made.append(one)
        return one, got

    yield make
    for one in made:
        one.close()


def test_with_its_password_the_box_gets_in_and_nobody_without(own, connect):
    box, _ = connect(own.seen_by("mofy"))
    assert box.wait(PATIENCE_S)
    for wrong in (
        Broker("127.0.0.1", own.ports[0]),
        own.seen_by("mofy", password_file=own.folder / "password-home"),
        own.seen_by("root", password_file=own.folder / "password-home"),
    ):
        other, _ = connect(wrong)
        assert not other.wait(5)
        assert other.refused
        assert other.fault == f"{wrong}: does not accept user and password"


def test_wrong_credentials_are_tried_again_slowly_until_they_are_right(own, connect, monkeypatch, tmp_path):
    monkeypatch.setattr(retries, "REFUSED_S", 0.3)
    monkeypatch.setattr(retries, "BACK_OFF_S", (0.001,))
    word = tmp_path / "word"
    word.write_text("wrong\n")
    before = own.broker.log().count("not authorised")
    one, _ = connect(own.seen_by("mofy", password_file=word))
    assert not one.wait(1.0)
    assert own.broker.log().count("not authorised") - before <= 6, "not hammered"
    word.write_text((own.folder / "password-mofy").read_text())
    awaited(lambda: one.connected)
    assert one.fault is None


def test_who_steers_may_order_but_speak_for_no_box(own, connect):
    box, got = connect(own.seen_by("mofy"), ["mofy/#"])
    home, seen = connect(own.seen_by("home"), ["mofy/#"])
    assert box.wait(PATIENCE_S)
    assert home.wait(PATIENCE_S)
    for topic in ("mofy/b/availability", "mofy/b/mode/state", "mofy/fleet/f/people/0/x", "mofy/b/response"):
        home.send(Message(topic, b"lie", retain=True))
    for topic in ("mofy/b/mode/set", "mofy/b/command/slate", "mofy/b/person/p/set"):
        home.send(Message(topic, b"order"))
    awaited(lambda: len(got) == 3)
    box.send(Message("mofy/b/mode/state", b"slate", retain=True))
    awaited(lambda: any(message.topic == "mofy/b/mode/state" for message in seen))
    assert all(message.payload != b"lie" for message in [*got, *seen])


def test_who_only_looks_sees_no_picture_and_no_fleet(own, connect):
    box, _ = connect(own.seen_by("mofy"), [])
    watch, seen = connect(own.seen_by("watch"), ["mofy/#"])
    assert box.wait(PATIENCE_S)
    assert watch.wait(PATIENCE_S)
    watch.send(Message("mofy/b/command/slate", b""))
    for topic in ("mofy/b/snapshot", "mofy/fleet/f/people/0/x", "mofy/b/state"):
        box.send(Message(topic, b"x"))
    awaited(lambda: any(message.topic == "mofy/b/state" for message in seen))
    assert {message.topic for message in seen if message.payload == b"x"} == {"mofy/b/state"}
    assert all(message.topic != "mofy/b/command/slate" for message in seen)


# paho leaves the socket of a handshake that failed to the collector, which closes it and complains.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore:unclosed:ResourceWarning")
def test_from_elsewhere_it_is_encrypted_and_checked(own, connect, tmp_path):
    one, _ = connect(own.encrypted("mofy"))
    assert one.wait(PATIENCE_S)
    elsewhere = certificates.new_key()
    stranger = tmp_path / "ca.pem"
    stranger.write_bytes(certificates.pem_of(certificates.authority(elsewhere)))
    for broker, words in (
        (own.encrypted("mofy", ca=stranger), "cannot be trusted"),
        (own.encrypted("mofy", ca=None), "cannot be trusted"),
        (own.encrypted("mofy", port=own.ports[0]), "with TLS"),
        (own.seen_by("mofy", port=own.ports[1]), "hangs up"),
    ):
        other, _ = connect(broker)
        fault = awaited(lambda other=other: other.fault)
        assert words in fault, fault
        assert not other.connected


def test_a_broker_that_asks_for_a_certificate_is_shown_one(tmp_path, connect):
    one = Own(tmp_path, (f"cafile {tmp_path / 'etc' / 'ca.pem'}", "require_certificate true"))
    key = certificates.new_key()
    ca = one.folder / "ca.pem"
    signing = _loaded(one.folder / "ca-key.pem")
    shown = certificates.for_names((), key, _certificate(ca), signing)
    (tmp_path / "mine.pem").write_bytes(certificates.pem_of_key(key) + certificates.pem_of(shown))
    with one.broker:
        with_it, _ = connect(one.encrypted("mofy", certificate=tmp_path / "mine.pem"))
        assert with_it.wait(PATIENCE_S)
        without, _ = connect(one.encrypted("mofy"))
        awaited(lambda: "asks for a client certificate" in (without.fault or ""))


def _loaded(path: Path):
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(path.read_bytes(), None)


def _certificate(path: Path):
    from cryptography.x509 import load_pem_x509_certificate

    return load_pem_x509_certificate(path.read_bytes())


def test_its_clock_wrong_a_box_is_told_to_look_at_it(tmp_path, monkeypatch):
    from appliance.mqtt.broker import told

    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    for code in (9, 10):
        error.verify_code, error.verify_message = code, "x"
        assert "clock" in told(error)


def test_made_again_it_keeps_what_others_know(tmp_path):
    first = setup(tmp_path / "etc", tmp_path / "data")
    ca = (tmp_path / "etc" / "ca.pem").read_bytes()
    again = setup(tmp_path / "etc", tmp_path / "data")
    assert again.passwords == first.passwords
    assert (tmp_path / "etc" / "ca.pem").read_bytes() == ca
    assert (tmp_path / "data" / "mqtt-password").read_text().strip() == first.passwords["mofy"]
    anew = setup(tmp_path / "etc", tmp_path / "data", anew=True)
    assert not set(anew.passwords.values()) & set(first.passwords.values())
    assert (tmp_path / "etc" / "ca.pem").read_bytes() != ca
    secret = [
        path for path in (tmp_path / "etc").iterdir() if path.name.startswith(("password", "ca-key", "key", "acl"))
    ]
    assert {path.name: path.stat().st_mode & 0o007 for path in secret} == {path.name: 0 for path in secret}
    hashes = (tmp_path / "etc" / "passwords").read_text()
    assert not [word for word in anew.passwords.values() if word in hashes]
    assert not list((tmp_path / "etc").glob(".*"))


def test_without_mosquitto_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(InputError, match="install mosquitto"):
        setup(tmp_path / "etc", tmp_path / "data")


def test_the_command_makes_it_and_tells_no_log_the_passwords(tmp_path):
    command = [
        sys.executable,
        "-m",
        "appliance.cli",
        "mqtt",
        "setup",
        str(tmp_path / "etc"),
        "--data",
        str(tmp_path / "d"),
    ]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert "localhost" in done.stdout
    for user in ("mofy", "home", "watch"):
        word = (tmp_path / "etc" / f"password-{user}").read_text().strip()
        assert word not in done.stdout
        assert f"user {user}:" in done.stdout
    named = [*command[:4], "id", "--data", str(tmp_path / "d")]
    box = subprocess.run(named, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout.strip()
    assert box == (tmp_path / "d" / "box-id").read_text().strip()
