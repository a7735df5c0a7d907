"""The answer at port 80 of the box's own network: whatever a phone asks there to see the Internet leads to the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

SOCKET = "portal"
"""FileDescriptorName= of mofy-portal.socket."""

Application = Callable[[Any, Callable[..., Any]], Iterable[bytes]]


def portal(address: str) -> Application:
    """Sends everybody to this address."""
    said = f'<!doctype html><title>MOFY</title><a href="{address}">{address}</a>\n'.encode()
    head = [
        ("Location", address),
        ("Cache-Control", "no-store"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(said))),
    ]

    def answer(environment: Any, start: Callable[..., Any]) -> Iterable[bytes]:
        start("302 Found", head)
        return [said]

    return answer
