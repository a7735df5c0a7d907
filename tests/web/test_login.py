"""The door: nobody sees anything without the PIN, guessing it gets slower and slower, and every login can be ended."""

import threading
import time
from types import SimpleNamespace

import pytest

from appliance.store import Store
from tests.web.conftest import TOKEN
from web import access, guests, known_devices, ledger, pin
from web.views import login

OPEN = {"login.show", "login.enter", "switches.language", "health.health", "guest.door", "guest.enter", "static"}
OPEN |= {"app.manifest", "app.worker", "app.away"}  # without which no app can be put on a home screen
OPEN |= {"api.description"}  # the same for every box
OPEN |= {"metrics.metrics"}  # which itself answers to this machine only
"""What needs no login. Whoever adds to it has thought about what a stranger learns there."""


def entered(visitor, given: str, address: str = "192.168.4.20"):
    """The answer to a PIN."""
    token = TOKEN.search(visitor.text("/login"))[1]
    return visitor.client.post(
        "/login",
        data={"pin": given, "csrf_token": token},
        base_url="http://localhost:8080",
        environ_base={"REMOTE_ADDR": address},
    )


def test_only_these_views_are_open_to_strangers(stranger):
    app = stranger.client.application
    found = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint == "static" or "everybody" in getattr(view, access.MARK, ())
    }
    assert found == OPEN


def test_a_stranger_sees_nothing_and_changes_nothing(stranger):
    """Every address there is, looked at and pressed."""
    stranger.enrol("Annabel Secret")
    stranger.engine_says()
    before = Store.open(stranger.box.data).audit()
    for rule in stranger.client.application.url_map.iter_rules():
        path = rule.build(dict.fromkeys(rule.arguments, "1"))[1]
        for method in sorted({"GET", "POST", "DELETE"} & rule.methods):
            answer = stranger.client.open(
                path, method=method, base_url="http://localhost:8080", buffered=True,
                environ_base={"REMOTE_ADDR": "192.168.4.20"},
            )  # fmt: skip
            if rule.endpoint not in OPEN - {"metrics.metrics"}:
                assert answer.status_code in (303, 401), (method, path)
                assert b"Annabel" not in answer.data
                assert b"rtsp://" not in answer.data
    assert Store.open(stranger.box.data).audit() == before


@pytest.mark.parametrize("path", ["/people/secret", "/nothing", "/.env", "/people/1"])
def test_a_stranger_cannot_tell_what_there_is(stranger, path):
    assert (stranger.get(path).status_code, stranger.get(path).location) == (303, "/login")


def test_the_first_pin_opens_the_page_and_is_then_forgotten(stranger):
    first = pin.first(stranger.box.data)
    assert len(first) == pin.DIGITS
    assert stranger.get("/").location == "/login"
    answer = entered(stranger, f" {first} ")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "SameSite=Strict" in answer.headers["Set-Cookie"]
    assert stranger.get("/").status_code == 200
    assert pin.first(stranger.box.data) is None
    assert first.encode() not in (stranger.box.data / ledger.NAME).read_bytes()


def test_the_page_that_was_wanted_comes_after_the_pin(stranger):
    stranger.get("/access")
    assert entered(stranger, pin.first(stranger.box.data)).location == "/access"
    assert stranger.get("/login").location == "/"


@pytest.mark.parametrize("given", ["", "0", "x" * 100_0, "０００００", "' OR 1=1 --", "\x00"])
def test_what_is_not_the_pin_is_refused(stranger, given):
    answer = entered(stranger, given)
    assert answer.status_code == 403
    assert "not the PIN" in answer.get_data(as_text=True)
    assert stranger.get("/").status_code == 303


def test_fifty_wrong_pins_and_the_right_one_must_wait_too(stranger, monkeypatch):
    right, now = pin.first(stranger.box.data), time.time()
    monkeypatch.setattr(login, "time", SimpleNamespace(time=lambda: now))  # however slow this machine is
    codes = [entered(stranger, "nonono", address="10.0.0.9").status_code for _ in range(50)]
    assert codes[: pin.FREE_TRIES] == [403] * pin.FREE_TRIES
    assert set(codes[pin.FREE_TRIES :]) == {429}
    answer = entered(stranger, right, address="10.0.0.9")
    assert answer.status_code == 429
    assert "Wait " in answer.get_data(as_text=True)
    assert entered(stranger, right, address="10.0.0.10").status_code == 303, "nobody else must wait for it"


def test_whoever_guesses_where_the_owner_is_does_not_lock_him_out(page, stranger):
    """One address for a whole network, as behind a proxy or in one IPv6 prefix."""
    right = pin.change(page.box.data)
    assert entered(page, right).status_code == 303, "a phone that is known from now on"
    page.post("/logout")
    for _ in range(pin.FREE_TRIES + 2):
        entered(stranger, "nonono")
    assert entered(stranger, right).status_code == 429
    assert entered(page, right).status_code == 303
    page.post("/logout")
    codes = [entered(page, "nonono").status_code for _ in range(pin.FREE_TRIES + 1)]
    assert codes[-1] == 429, "and who found such a phone must wait as well"


def test_many_guesses_at_once_count_as_one_after_the_other(tmp_path):
    pin.ensure(tmp_path)
    now, together = time.time(), threading.Barrier(8)
    for _ in range(pin.FREE_TRIES):
        pin.is_right(tmp_path, "wrong!", "a", now)
    later, right = now + pin.LONGEST_WAIT_S, []

    def guess() -> None:
        together.wait(10)
        right.append(pin.is_right(tmp_path, "wrong!", "a", later))

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with ledger.reading(tmp_path) as db:
        (count,) = db.execute("SELECT count FROM tries WHERE source = 'a'").fetchone()
    assert (right, count) == ([False] * 8, pin.FREE_TRIES + 1)


def test_waits_grow_and_outlive_a_restart(tmp_path):
    pin.ensure(tmp_path)
    now, waits = time.time(), []
    for _ in range(16):
        now += pin.wait_s(tmp_path, "a", now, known=True)
        assert not pin.is_right(tmp_path, "wrong!", "a", now)
        waits.append(pin.wait_s(tmp_path, "a", now, known=True))
    assert waits[: pin.FREE_TRIES - 1] == [0.0] * (pin.FREE_TRIES - 1)
    grown = waits[pin.FREE_TRIES - 1 :]
    assert grown == sorted(grown)
    assert grown[0] == pytest.approx(2.0)
    assert grown[-1] == pytest.approx(pin.LONGEST_WAIT_S)
    assert pin.wait_s(tmp_path, "a", now - 10_000, known=True) <= pin.LONGEST_WAIT_S, "the clock was set back"
    assert pin.wait_s(tmp_path, "a", now + pin.FORGOTTEN_S + 1, known=True) == 0
    assert not pin.is_right(tmp_path, pin.first(tmp_path), "a", now), "too early"
    now += pin.wait_s(tmp_path, "a", now, known=True)
    assert pin.is_right(tmp_path, pin.first(tmp_path), "a", now)
    assert pin.wait_s(tmp_path, "a", now, known=True) == 0


def test_many_addresses_together_are_slowed_down_but_known_phones_are_not(tmp_path):
    pin.ensure(tmp_path)
    now = time.time()
    for k in range(pin.FREE_TRIES_TOGETHER):
        pin.is_right(tmp_path, "wrong!", f"10.0.0.{k}", now)
    assert pin.wait_s(tmp_path, "10.0.9.9", now, known=False) > 0
    assert pin.wait_s(tmp_path, "10.0.9.9", now, known=True) == 0


def test_sources_are_counted_by_household():
    assert ledger.source_of("2001:db8:1:2:aaaa::1") == ledger.source_of("2001:db8:1:2:bbbb::2") == "2001:db8:1:2::/64"
    assert ledger.source_of("192.168.0.7") == ledger.source_of("::ffff:192.168.0.7") == "192.168.0.7"
    assert ledger.source_of("") == ""


def test_a_phone_that_was_let_in_is_known(stranger):
    app = stranger.client.application
    entered(stranger, pin.first(stranger.box.data))
    mark = stranger.client.get_cookie(known_devices.COOKIE).value
    with app.test_request_context("/", headers={"Cookie": f"{known_devices.COOKIE}={mark}"}):
        assert known_devices.is_known()
    with app.test_request_context("/", headers={"Cookie": f"{known_devices.COOKIE}={mark}x"}):
        assert not known_devices.is_known()


def test_logging_out_here_and_everywhere(page, stranger):
    other = stranger
    other.let_in()
    assert page.post("/logout").location == "/login"
    assert page.get("/").status_code == 303
    assert other.get("/").status_code == 200
    page.let_in()
    page.post("/logout-everywhere")
    assert page.get("/").status_code == other.get("/").status_code == 303
    assert "logged out" in page.text("/login")


def test_a_new_pin_logs_everybody_else_out(page, stranger):
    old = pin.change(page.box.data)
    page.let_in()
    stranger.let_in()
    answer = page.post("/pin", pin=old, new="271828", again="271828")
    assert answer.location == "/access"
    assert "The PIN is changed" in page.text("/access")
    assert stranger.get("/").status_code == 303
    assert entered(stranger, old).status_code == 403
    assert entered(stranger, "271828").status_code == 303
    assert ("page", "PIN changed") in [(who, what) for _, who, what in Store.open(page.box.data).audit()]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"pin": "wrong!", "new": "271828", "again": "271828"}, "old PIN is not right"),
        ({"new": "271828", "again": "271882"}, "not the same"),
        ({"new": "12345", "again": "12345"}, "at least 6"),
        ({"new": "111111", "again": "111111"}, "too easy"),
        ({"new": "234567", "again": "234567"}, "too easy"),
        ({"new": "letters", "again": "letters"}, "at least 6"),
    ],
)
def test_a_pin_that_cannot_be_set_changes_nothing(page, fields, words):
    old = pin.change(page.box.data)
    page.let_in()
    page.post("/pin", **({"pin": old} | fields))
    assert words in page.text("/access")
    assert pin.is_right(page.box.data, old, "x", time.time())


def test_a_cookie_of_another_box_opens_nothing(page, stranger):
    """The same secret would be needed, and the same generation of logins."""
    with stranger.client.session_transaction(base_url="http://localhost:8080") as session:
        session.update(role="operator", epoch=pin.epoch(page.box.data) + 1)
    assert stranger.get("/").status_code == 303
    stranger.client.set_cookie("mofy", "eyJyb2xlIjoib3BlcmF0b3IifQ.aaaa.bbbb", domain="localhost")
    assert stranger.get("/").status_code == 303


def test_a_box_that_forgot_its_ledger_lets_nobody_in(page):
    (page.box.data / ledger.NAME).unlink()
    assert page.get("/").status_code == 303


def test_a_damaged_ledger_lets_nobody_in(page):
    (page.box.data / ledger.NAME).write_bytes(b"rubbish" * 100)
    assert page.get("/").status_code == 303
    assert page.get("/login").status_code == 200
    assert entered(page, "123456").status_code in (303, 503)
    assert page.get("/").status_code == 303


def test_guests_are_not_operators(stranger):
    with stranger.client.application.test_request_context():
        stranger.let_in("guest", guests.open_link(guests.make(60)))
    assert stranger.get("/").status_code == 403
    assert stranger.get("/status.json").status_code == 403
    assert stranger.get("/preview.jpg").status_code == 403


@pytest.mark.parametrize("meanwhile", ["changed", "ended"])
def test_the_pin_of_before_opens_nothing_though_it_was_looked_at_in_time(stranger, monkeypatch, meanwhile):
    data, is_right = stranger.box.data, pin.is_right
    old = pin.change(data)

    def then(*given):
        right = is_right(*given)
        if meanwhile == "changed":
            pin.change(data, "314159")
        else:
            pin.log_everybody_out(data)
        return right

    monkeypatch.setattr(pin, "is_right", then)
    entered(stranger, old)
    assert stranger.get("/people").status_code == 303
