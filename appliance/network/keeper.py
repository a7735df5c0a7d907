"""The service: looks, decides, does it, and tells. It obeys wishes within half a second."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from appliance import reach
from appliance.errors import MofyError
from appliance.network import joining, looking, own, policy, report, stations, wishes
from appliance.network.connections import Connections
from appliance.network.looking import Look
from appliance.network.naming import Announcer, announcements
from appliance.network.nmcli import Nmcli, NoManagerError, RefusedError, Sight
from appliance.network.own import Own
from appliance.network.policy import Deed, Facts, State
from appliance.network.report import Report, Seen
from appliance.network.wishes import Wish
from appliance.supervision import notify

log = logging.getLogger(__name__)

LOOK_EVERY_S = 3.0
WISH_EVERY_S = 0.5
SIGHTS_EVERY_S = 30.0
"""NetworkManager looks around by itself; this only asks what it saw."""

GRACE_S = 2.0
"""For the page's answer to reach the phone, before the network under it goes."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where and how it works."""

    data: Path
    """Folder of people and key, where name and password of the own Wi-Fi lie."""
    runtime: Path
    """Folder of wishes and of the report."""
    cable: tuple[str, str] | None = None
    """Address and gateway of the cable; None leaves it to NetworkManager."""
    own_allowed: bool = True
    """False: it opens its own Wi-Fi only when somebody asks for it."""
    root: Path = Path("/")


class Keeper:
    """One box's network."""

    def __init__(
        self,
        site: Site,
        nmcli: Nmcli | None = None,
        guests: Callable[[str], int | None] = stations.guests,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        """nmcli, guests, now, pause: for tests. Raises StoreError."""
        self._site = site
        self._nmcli, self._guests, self._now, self._pause = nmcli or Nmcli(), guests, now, pause
        self._own: Own = own.make(site.data)
        self._state = State(kept=own.is_kept(site.data), allowed=site.own_allowed)
        self._told = Report("searching", time.time())
        self._sights: list[Sight] = []
        self._known: frozenset[str] = frozenset()
        self._sights_at = self._look_at = float("-inf")
        self._connections = Connections(self._nmcli, self._own, site.cable, site.root, now, pause)
        self._prepared = False

    def run(self, stop: threading.Event) -> None:
        """Step twice a second until stopped; systemd's watchdog is fed by each step."""
        announcer = Announcer()
        notify("READY=1")
        try:
            while not stop.is_set():
                self.step()
                lan = reach.lan_addresses()
                announcer.keep(announcements(self._own.name, self._site.data, self._site.runtime, lan))
                notify("WATCHDOG=1")
                stop.wait(WISH_EVERY_S)
        finally:
            announcer.close()

    def step(self) -> None:
        """Obey what is wished, and look if it is time."""
        try:
            for wish in wishes.take(self._site.data, self._site.runtime):
                self._try_to_obey(wish)
                self._look_at = float("-inf")
            if self._now() - self._look_at >= LOOK_EVERY_S:
                self._look_at = self._now()
                self._look()
        except NoManagerError as error:
            self._prepared = False
            self._tell(Report("unmanaged", time.time(), words=str(error)))
        except (MofyError, OSError) as error:
            log.warning("network: %s", error)
            self._tell(replace(self._told, at=time.time(), words=str(error)))

    def _look(self) -> None:
        if not self._prepared:
            self._connections.prepare()
            self._prepared = True
        look = looking.look(self._nmcli, self._own.uuid)
        self._look_around(look)
        self._connections.keep_cable(look)
        guests = self._guests(look.own.name) if look.own else None
        facts = Facts(
            self._now(), look.radio is not None, bool(look.cable or look.wifi), look.connecting, bool(look.own),
            guests, self._known, frozenset(one.ssid for one in self._sights),
        )  # fmt: skip
        self._state, deed = policy.decide(self._state, facts)
        if deed is not Deed.NOTHING and self._connections.own_may_be_tried:
            self._do(deed, look)
            look = looking.look(self._nmcli, self._own.uuid)
        self._tell_of(look, guests)

    def _look_around(self, look: Look) -> None:
        if self._now() - self._sights_at < SIGHTS_EVERY_S:
            return
        self._sights_at = self._now()
        self._known = looking.names(self._nmcli.profiles())
        if look.radio is not None:
            # A radio that is an access point may refuse to look around.
            with suppress(MofyError):
                self._sights = self._nmcli.sights(look.radio.name, anew=False)

    def _do(self, deed: Deed, look: Look) -> None:
        device = look.radio
        if device is None:
            return
        if deed is Deed.OPEN:
            self._connections.open_own(device)
        else:
            self._connections.close_own()
        if deed is Deed.RETRY and not self._returned(device.name):
            self._connections.open_own(device)

    def _returned(self, device: str) -> bool:
        """True when a known Wi-Fi in reach was joined."""
        with suppress(MofyError):
            self._sights = self._nmcli.sights(device, anew=True)
        reachable = looking.strongest(self._sights, self._known)
        return any(joining.again(self._nmcli, device, ssid) for ssid in reachable)

    def _try_to_obey(self, wish: Wish) -> None:
        try:
            self._obey(wish)
        except RefusedError as error:
            told = replace(self._told, failure="other", failed_ssid=wish.ssid, words=str(error), answered=wish.id)
            self._tell(replace(told, at=time.time()))

    def _obey(self, wish: Wish) -> None:
        log.info("network: %s %s is wished", wish.kind, wish.ssid)
        look = looking.look(self._nmcli, self._own.uuid)
        self._told = replace(self._told, failure="", failed_ssid="", words="")
        if wish.kind == "join":
            self._join(look, wish)
        elif wish.kind == "forget":
            joining.forget(self._nmcli, wish.ssid)
        elif wish.kind == "scan" and look.radio is not None:
            self._sights = self._nmcli.sights(look.radio.name, anew=True)
        elif wish.kind in ("own", "automatic"):
            self._keep_own(wish.kind == "own")
            self._pause(GRACE_S)
            if wish.kind == "automatic" and look.own is not None:
                self._leave_own(look)
        if wish.kind != "scan":
            self._sights_at = float("-inf")
        self._told = replace(self._told, answered=wish.id)

    def _leave_own(self, look: Look) -> None:
        if look.cable is not None:
            self._do(Deed.CLOSE, look)
        elif self._known:
            self._do(Deed.RETRY, look)

    def _join(self, look: Look, wish: Wish) -> None:
        if look.radio is None:
            failed: joining.Failed | None = joining.Failed("unusable", "this box has no Wi-Fi")
        else:
            self._tell(replace(self._told, state="joining", ssid=wish.ssid, at=time.time()))
            if look.own is not None:
                self._pause(GRACE_S)
                self._connections.close_own()
            failed = joining.join(self._nmcli, self._site.root, look.radio.name, wish.ssid, wish.password)
        if failed is None:
            self._keep_own(False)
            return
        self._told = replace(self._told, failure=failed.failure, failed_ssid=wish.ssid, words=failed.words)
        log.warning("network: %s", failed.words)
        if look.own is not None:
            self._connections.open_own(look.own)

    def _keep_own(self, wanted: bool) -> None:
        self._state = policy.asked(self._state, wanted)
        with suppress(OSError):  # a full disk: it holds until the next start
            own.keep(self._site.data, wanted)

    def _tell_of(self, look: Look, guests: int | None) -> None:
        state: report.State = "searching"
        ssid, device = "", look.own or look.cable or look.wifi
        if device is look.own is not None:
            state, ssid = "own", self._own.name
        elif device is look.cable is not None:
            state = "cable"
        elif device is not None:
            state, ssid = "wifi", self._ssid(device.profile)
        if self._told.state == "unmanaged":
            self._told = replace(self._told, words="")
        seen = tuple(Seen(one.ssid, one.signal, one.security, one.ssid in self._known) for one in self._sights)
        self._tell(replace(
            self._told, state=state, at=time.time(), ssid=ssid, radio=look.radio is not None,
            addresses=self._nmcli.addresses(device.name) if device else (), own=self._own.name if look.own else "",
            own_kept=self._state.kept, guests=guests if look.own else None, seen=seen, known=tuple(sorted(self._known)),
        ))  # fmt: skip

    def _ssid(self, profile: str) -> str:
        return next((one.ssid for one in self._nmcli.profiles() if one.uuid == profile), "")

    def _tell(self, told: Report) -> None:
        self._told = told
        with suppress(OSError):
            report.write(told, self._site.runtime)
