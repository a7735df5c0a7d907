"""Secrets are made once, kept to their owner, and asked for wherever other machines can connect."""

import stat
import threading

import pytest

from appliance import config
from appliance.errors import ConfigError
from appliance.live import credentials


def rtsp(**options: object):
    return config.load(changes={"rtsp": options}).rtsp


@pytest.mark.parametrize(
    ("address", "authentication", "asked"),
    [
        ("127.0.0.1", "auto", False), ("::1", "auto", False), ("localhost", "auto", False), ("127.0.0.1", "on", True),
        ("0.0.0.0", "auto", True), ("::", "auto", True), ("192.168.0.7", "auto", True), ("mofy.local", "auto", True),
        ("0.0.0.0", "off", False),
    ],
)  # fmt: skip
def test_a_password_is_asked_for_where_others_can_connect(tmp_path, address, authentication, asked):
    found = credentials.login(rtsp(address=address, authentication=authentication), tmp_path / "data")
    assert (found is not None) is asked
    assert (tmp_path / "data").exists() is asked


def test_the_password_is_made_once_and_never_shown(tmp_path):
    first = credentials.login(rtsp(user="crew"), tmp_path)
    assert first is not None
    assert first == credentials.login(rtsp(user="crew"), tmp_path)
    assert (first.user, len(first.password) >= 43) == ("crew", True)
    assert first.password not in repr(first)
    assert [path.name for path in tmp_path.iterdir()] == [credentials.PASSWORD]


def test_whoever_comes_at_the_same_moment_gets_the_same_password(tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(credentials.login(rtsp(), tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.password for one in found}) == 1


def test_a_password_of_ones_own_is_taken_and_closed_to_others(tmp_path):
    path = tmp_path / credentials.PASSWORD
    path.write_text("my own: word\n", encoding="utf-8")
    path.chmod(0o644)
    found = credentials.login(rtsp(), tmp_path)
    assert found is not None
    assert found.password == "my own: word"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff", "암호".encode(), b"a\x00b", b"a\nb"])
def test_what_is_no_password_is_told_and_left_alone(tmp_path, content):
    path = tmp_path / credentials.PASSWORD
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="rtsp-password"):
        credentials.login(rtsp(), tmp_path)
    assert path.read_bytes() == content


def test_a_folder_that_is_none_is_told(tmp_path):
    (tmp_path / "data").write_text("no folder", encoding="utf-8")
    with pytest.raises(ConfigError, match="rtsp-password"):
        credentials.login(rtsp(), tmp_path / "data")


@pytest.mark.parametrize("name", ["mofy", "a" * 70, "mein_gerät", "x..y", ""])
def test_a_certificate_is_made_whatever_the_machine_is_called(tmp_path, monkeypatch, name):
    from cryptography import x509

    monkeypatch.setattr(credentials.socket, "gethostname", lambda: name)
    path = credentials.certificate(rtsp(tls=True), tmp_path)
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    made = x509.load_pem_x509_certificate(path.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "localhost" in names.get_values_for_type(x509.DNSName)
    again = path.read_bytes()
    assert credentials.certificate(rtsp(tls=True), tmp_path) == path
    assert path.read_bytes() == again


def test_a_given_certificate_is_taken_and_none_is_made(tmp_path):
    given = credentials.certificate(rtsp(tls=True, certificate="/etc/mofy/own.pem"), tmp_path)
    assert str(given) == "/etc/mofy/own.pem"
    assert credentials.certificate(rtsp(tls=False), tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_both_streams_cannot_have_one_path():
    with pytest.raises(ConfigError, match=r"preview_path.*must not be the path"):
        rtsp(path="/x", preview_path="/x")
