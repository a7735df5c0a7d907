"""The control process: the page, and the MQTT agents. It has no camera and no raw frame; the engine needs it not."""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from appliance import config, reach, status
from appliance.errors import MofyError, StoreError, system_reason
from appliance.live import credentials
from appliance.options import Config
from appliance.store import DATABASE, copies, exists
from appliance.supervision import handed_over, notify

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.2
"""How often the loop looks whether it should stop."""

THREADS = 4
MOST_CONNECTIONS = 100
SILENT_S = 30
"""A connection on which nothing happens for so long is closed."""

CERTIFICATE = "page-certificate.pem"

PAGE_KEY = "page-key"
"""What cookies are signed with, in the data folder: a page that is open still works after a restart."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be served, and where."""

    data: Path
    """Folder of people and key."""
    address: str = "127.0.0.1"
    port: int = 8080
    """0 takes a free one."""
    tls: bool = False
    certificate: Path | None = None
    """PEM of certificate and key; None makes one."""
    names: tuple[str, ...] = ()
    """What the box is called, beside its own names and addresses."""
    config: Config | None = None
    """The other parts' options, for the page to show and the MQTT agent to go by; None: the defaults."""


class Beside(Protocol):
    """Something that works in threads of its own between `start` and `close`."""

    def start(self) -> None:
        """Begin; returns at once."""

    def close(self) -> None:
        """End; may be called twice."""


class Control:
    """The page, listening. Made by `build`, run once."""

    def __init__(
        self, listener: socket.socket, app: Any, certificate: Path | None = None, data: Path | None = None
    ) -> None:
        """data: the folder in which the engine finds out where the page is."""
        from waitress.server import create_server

        from web import doorstep, tls

        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self.beside: list[Beside] = []
        """What else this process does while it serves."""
        self._sockets: dict[int, Any] = {}
        self._doors: list[Any] = []
        scheme = "http" if certificate is None else "https"
        self._server = create_server(
            app,
            map=self._sockets,
            sockets=[listener],
            threads=THREADS,
            connection_limit=MOST_CONNECTIONS,
            channel_timeout=SILENT_S,
            ident="",
            url_scheme=scheme,
        )
        plain: Any = () if certificate is None else (tls.channels(certificate),)
        self._server.channel_class = doorstep.channels(app, *plain)
        host, port = listener.getsockname()[:2]
        self.address = f"{scheme}://{_spoken(reachable(host))}:{port}/"
        """Where the page is, for a phone if other machines can reach it."""
        self.fingerprint = None if certificate is None else credentials.fingerprint(certificate)
        """Of the certificate, so that whoever sees a browser's warning can compare."""
        self._data = data
        if data is not None:
            reach.tell_page(data, scheme, host, port)

    def also(self, listener: socket.socket, app: Any) -> None:
        """Serve something small at another door."""
        from waitress.server import create_server

        self._doors.append(
            create_server(
                app,
                map=self._sockets,
                sockets=[listener],
                threads=1,
                connection_limit=MOST_CONNECTIONS,
                channel_timeout=SILENT_S,
                max_request_body_size=0,
                ident="",
            )
        )

    def run(self, stop: threading.Event) -> None:
        """Serve until stopped."""
        from waitress import wasyncore

        notify("READY=1")
        try:
            for one in self.beside:
                one.start()
            while not stop.is_set():
                wasyncore.loop(LOOK_EVERY_S, use_poll=True, map=self._sockets, count=1)
        finally:
            self.close()

    def close(self) -> None:
        """Stop listening and let go of every connection; may be called twice."""
        from waitress import wasyncore

        notify("STOPPING=1")
        for one in reversed(self.beside):
            one.close()
        if self._data is not None:
            reach.forget_page(self._data)
        for server in (self._server, *self._doors):
            server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets)


def build(run: Run) -> Control:
    """Listen and make ready to answer; raises MofyError."""
    from appliance.fleet.agent import Agent
    from appliance.fleet.roll import describe
    from web import Box, Serving, create_app, pin

    box = Box(run.data, status.runtime_folder(run.data), run.config or config.load())
    certificate = _certificate(run)
    serving = Serving(not credentials.is_loopback(run.address), certificate is not None, run.names)
    listener = _listening(run.address, run.port)
    try:
        with contextlib.suppress(MofyError):
            # Whose deletion the power cut off.
            if exists(run.data):
                copies.forget_removed(run.data / DATABASE)
        with contextlib.suppress(MofyError):
            # Where nothing can be kept nobody can log in, and the page says why.
            pin.ensure(run.data)
        control = Control(listener, create_app(box, page_key(run.data), serving), certificate, run.data)
        _open_portal(control)
        control.beside.append(Agent(run.data, lambda: describe(run.data)))
        control.beside += _on_the_broker(run, box.runtime)
        return control
    except BaseException:
        listener.close()
        raise


def _open_portal(control: Control) -> None:
    """What phones in the box's own network ask first, to learn whether it leads anywhere: they are sent to the page."""
    from web import portal

    if (listener := handed_over(portal.SOCKET)) is not None:
        host = listener.getsockname()[0]
        address = urlsplit(control.address)
        control.also(listener, portal.portal(f"{address.scheme}://{_spoken(host)}:{address.port}/"))


def _on_the_broker(run: Run, runtime: Path) -> list[Beside]:
    """The agent that speaks with the configured broker; where it cannot be had, the page goes on without."""
    if run.config is None or not run.config.mqtt.broker:
        return []
    from appliance.mqtt import agent

    try:
        return [agent.build(run.config, run.data, runtime)]
    except MofyError as error:
        log.warning("MQTT: %s", error)
        return []


def _certificate(run: Run) -> Path | None:
    if not run.tls:
        return None
    return run.certificate or credentials.self_made(run.data / CERTIFICATE)


def reachable(host: str) -> str:
    """The address by which other machines reach a listener on this one: its first of the network for a wildcard."""
    from web.hosts import addresses

    if host not in ("0.0.0.0", "::"):
        return host
    wanted = [one for one in addresses() if ":" not in one or host == "::"]
    return wanted[0] if wanted else "127.0.0.1"


def page_key(data: Path) -> bytes:
    """The key kept in the data folder, made if need be; where nothing can be kept, one for this process only."""
    from appliance.store.vault import kept_key

    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return kept_key(data / PAGE_KEY)
    except (OSError, StoreError):
        return secrets.token_bytes(32)


def _listening(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        # An empty name would mean every address there is.
        return socket.create_server((address.strip() or "no.invalid", port), family=family)
    except OSError as error:
        raise MofyError(
            f"page: cannot listen on {address!r} port {port} ({_told(error)}); stop what uses it, or choose another "
            "by `port` and `address` of [page], `mofy control --port` or `mofy run --page-port`"
        ) from None


def _spoken(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _told(error: OSError) -> str:
    # create_server adds to the reason what it was trying, which is told already.
    return system_reason(error).partition(" (while")[0]
