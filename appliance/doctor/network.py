"""Whether the box is in a network, and whether its stream can be, or is, served."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from appliance import reach
from appliance.doctor import Finding, Site, ok, warning, wrong
from appliance.errors import system_reason
from appliance.network import report

ANSWER_S = 2.0


def check(site: Site) -> Iterable[Finding]:
    """One for the addresses, one for the stream's port."""
    lan = reach.lan_addresses()
    says = f"reachable at {', '.join(lan)}" if lan else "in no network"
    yield ok(says) if lan else warning(says, "plug in a cable or join a Wi-Fi; the picture is on HDMI only")
    yield _stream(site)
    yield _kept(site)


def _kept(site: Site) -> Finding:
    told = report.read(site.runtime)
    if told is None:
        return ok("Wi-Fi: not looked after here; on a box mofy-network does it")
    if told.state == "unmanaged":
        return ok(f"Wi-Fi: {told.words}")
    if told.failure:
        return warning(f"Wi-Fi: {told.words}", "try again on the page, or: mofy network join")
    standing = {"own": f"the box's own, {told.own}, is open", "wifi": f"in {told.ssid}", "cable": "a cable is there"}
    return ok(f"Wi-Fi: {standing.get(told.state, 'no network yet; the box opens its own when it finds none')}")


def _stream(site: Site) -> Finding:
    engine, rtsp = site.engine, site.config.rtsp
    if engine is not None:
        place = urlsplit(engine.address)
        if answers(place.hostname or "127.0.0.1", place.port or 0):
            return ok(f"stream: {engine.address} answers")
        return wrong(f"stream: {engine.address} does not answer", "restart the engine")
    return free("stream", rtsp.address, rtsp.port, "port in [rtsp], or --port")


def answers(host: str, port: int) -> bool:
    """Whether something listens there."""
    try:
        socket.create_connection((host, port), ANSWER_S).close()
    except OSError:
        return False
    return True


def free(what: str, address: str, port: int, option: str) -> Finding:
    """Whether a server could listen there."""
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((address, port))
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return wrong(f"{what}: another program has port {port}", f"end it, or choose another port: {option}")
        return wrong(f"{what}: cannot listen on {address} port {port} ({system_reason(error)})", option)
    return ok(f"{what}: port {port} is free; nothing runs now")
