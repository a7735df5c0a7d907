"""Logins of a box whose clock was set back: it has no battery, and nobody in the field knows the PIN by heart."""

import time

import pytest

from web import access, known_devices, pin
from web.sessions import PatientSigner

DAY_S = 24 * 3600


def signed_after(monkeypatch: pytest.MonkeyPatch, days: float):
    """As if the box's clock had shown another day when it signed."""
    monkeypatch.setattr(PatientSigner, "get_timestamp", lambda self: int(time.time() + days * DAY_S))


def logged_in(stranger) -> str:
    """What the browser is told to keep."""
    pin.ensure(stranger.box.data)
    answer = stranger.post("/login", pin=pin.change(stranger.box.data))
    assert answer.status_code == 303
    return next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("mofy="))


@pytest.mark.parametrize("days", [0, 30, 3650])
def test_a_clock_that_went_back_logs_nobody_out(stranger, monkeypatch, days):
    with monkeypatch.context() as then:
        signed_after(then, days)
        logged_in(stranger)
    assert stranger.get("/").status_code == 200


def test_an_old_login_ends(stranger, monkeypatch):
    with monkeypatch.context() as then:
        signed_after(then, -access.KEPT_S / DAY_S - 1)
        logged_in(stranger)
    assert stranger.get("/").status_code == 303


def test_a_phone_keeps_what_a_box_of_another_year_gave_it(stranger):
    assert "Expires=Fri, 01 Jan 2100" in logged_in(stranger)


def test_a_phone_is_known_whatever_the_clock_says(stranger, monkeypatch):
    with monkeypatch.context() as then:
        signed_after(then, 400)
        logged_in(stranger)
    stranger.post("/logout")
    assert stranger.client.get_cookie("mofy-known") is not None
    with stranger.client.application.test_request_context(
        headers={"Cookie": f"mofy-known={stranger.client.get_cookie('mofy-known').value}"}
    ):
        assert known_devices.is_known()
