"""What slates say at this moment: one for everybody, and one with what only those who stand before the box may know."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from appliance import reach, status
from appliance.core.slate import Code, LocalNotice, Notice, Place, Secret, SecretCode
from appliance.core.slate_drawing import Modules
from appliance.live import words
from appliance.live.wishes import wished_name
from appliance.live.words import Situation
from appliance.network import own, report
from appliance.network.profiles import wifi_code
from appliance.options import Config
from appliance.sinks import Login

FIRST_PIN = "page-first-pin"
"""In the data folder until somebody has logged in to the page with it."""

LOOK_EVERY_S = 2.0
"""How often networks, page and PIN are looked at while a slate stands."""

NO_CLOCK_BEFORE = 1_700_000_000
"""A box without a battery starts in the past; a wrong time is worse than none."""

LONGEST_PIN = 64


class Notices:
    """Asked whenever a slate is due; looks at files and networks seldom."""

    def __init__(
        self,
        config: Config,
        data: Path,
        port: int,
        login: Login | None,
        lan: Callable[[], tuple[str, ...]] = reach.lan_addresses,
        now: Callable[[], float] = time.time,
    ) -> None:
        """port: of the stream; login: what its viewers must give; lan and now: for tests."""
        self._config = config
        self._language = config.box.language
        self._name = config.box.name.strip() or socket.gethostname()
        self._data, self._port, self._login = data, port, login
        self._lan, self._now = lan, now
        self._looked_at = float("-inf")
        self._places: tuple[Place, ...] = ()
        self._codes: tuple[Code, ...] = ()
        self._secrets: tuple[Secret, ...] = ()
        self._secret_codes: tuple[SecretCode, ...] = ()

    @property
    def sign(self) -> tuple[str, ...]:
        """The lines of the sign that filming is on."""
        return words.sign(self._language)

    def public(self, which: Situation) -> Notice:
        """For streams, recordings and previews: no secret, and addresses only where that is configured."""
        self._look()
        told = self._config.rtsp.slate_addresses
        return self._notice(which, self._places if told else (), self._codes if told else ())

    def local(self, which: Situation) -> LocalNotice:
        """For the box's own display."""
        self._look()
        return LocalNotice(self._notice(which, self._places, self._codes), self._secrets, self._secret_codes)

    def _notice(self, which: Situation, places: tuple[Place, ...], codes: tuple[Code, ...]) -> Notice:
        alert = which in words.ALERTS
        return Notice(self._name, words.situation(which, self._language), self._clock(), places, codes, alert)

    def _clock(self) -> str:
        now = self._now()
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(now)) if now > NO_CLOCK_BEFORE else ""

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = now
        self._name = wished_name(self._data) or self._config.box.name.strip() or socket.gethostname()
        lan = self._lan()
        page, stream = self._page(lan), self._stream(lan)
        named = [("page", page), ("stream", stream)]
        self._places = tuple(Place(self._label(which), place) for which, place in named if place)
        if not lan:
            self._places += (Place(self._label("network"), self._label("none")),)
        self._codes = (Code(self._label("open page"), modules(page)),) if page else ()
        self._find_secrets(lan, page is not None)

    def _find_secrets(self, lan: tuple[str, ...], page: bool) -> None:
        self._secrets, self._secret_codes = (), ()
        if not self._config.hdmi.secrets:
            return
        if page and (pin := _first_pin(self._data)):
            self._secrets = (Secret(self._label("pin"), pin),)
        self._find_own_wifi()
        if self._login is not None:
            login = f"{self._login.user}:{quote(self._login.password, safe='')}"
            if whole := self._stream(lan, login):
                self._secret_codes += (SecretCode(self._label("watch"), modules(whole)),)

    def _find_own_wifi(self) -> None:
        seen = report.read(status.runtime_place(self._data))
        if seen is not None and seen.own and (wifi := own.read(self._data)) is not None:
            self._secrets += (Secret(self._label("own wifi"), f"{wifi.name}  {wifi.password}"),)
            code = modules(wifi_code(wifi.name, wifi.password))
            self._secret_codes += (SecretCode(self._label("join"), code),)

    def _page(self, lan: tuple[str, ...]) -> str | None:
        page = reach.page(self._data)
        host = reach.seen_from_outside(page[1], lan) if page else None
        return reach.address(page[0], host, page[2]) if page and host else None

    def _stream(self, lan: tuple[str, ...], login: str = "") -> str | None:
        rtsp = self._config.rtsp
        host = reach.seen_from_outside(rtsp.address, lan)
        scheme = "rtsps" if rtsp.tls else "rtsp"
        return reach.address(scheme, host, self._port, rtsp.path, login) if host else None

    def _label(self, which: str) -> str:
        return words.label(which, self._language)


@lru_cache(maxsize=16)
def modules(text: str) -> Modules:
    """The QR code of a text."""
    import segno

    return tuple(bytes(row) for row in segno.make_qr(text, error="m").matrix)


def _first_pin(data: Path) -> str | None:
    try:
        pin = (data / FIRST_PIN).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return pin if pin.isprintable() and 0 < len(pin) <= LONGEST_PIN else None
