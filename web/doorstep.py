"""What is refused before it is read: a stranger who begins to send a lot would fill the disk long before any view.

waitress takes in a whole request before it asks the application; here it asks first who sends, once the head is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

from web import access, limits

MOST_BYTES = 1 << 30
"""Of an operator's request: what is too much for a view he is told in words. A guest's: the view's own limit."""

FULL = 90
"""So many connections, of those that the server takes, and whoever keeps it waiting longest makes room."""


class _Less:
    """The server's settings, with a smaller limit."""

    def __init__(self, settings: Any, most_bytes: int) -> None:
        self._settings = settings
        # waitress refuses what is as large as this.
        self.max_request_body_size = most_bytes + 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._settings, name)


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Reads a request of somebody whom the application knows, and short ones of strangers."""

    adj: Any

    def __init__(self, app: Flask, adj: Any) -> None:
        super().__init__(adj)
        self._app = app
        self.awaited = False
        """True for a long request that was let in: it may take its time."""

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head, and decide how much may follow."""
        super().parse_header(header_plus)
        if self.chunked or self.content_length > limits.FORM_BYTES:
            most = self._most_bytes()
            self.adj, self.awaited = _Less(self.adj, most), most > limits.FORM_BYTES

    def _most_bytes(self) -> int:
        """What its sender may send to where he sends it."""
        told = {name: self.headers.get(name.upper(), "") for name in ("Cookie", "Authorization")}
        told = {name: value for name, value in told.items() if value}
        try:
            with self._app.test_request_context(self.path, method=self.command, headers=told):
                if (sender := access.visitor()) is None:
                    return limits.FORM_BYTES
                return MOST_BYTES if sender.role == "operator" else limits.most_bytes(request.endpoint)
        except Exception:  # whatever a stranger writes into a head
            return limits.FORM_BYTES


def channels(app: Flask, base: Callable[..., HTTPChannel] = HTTPChannel) -> Callable[..., HTTPChannel]:
    """What a server makes its connections with."""

    def connected(server: Any, *given: Any, **options: Any) -> HTTPChannel:
        _make_room(server)
        channel = base(server, *given, **options)
        channel.parser_class = lambda adj: Parser(app, adj)
        return channel

    return connected


def _make_room(server: Any) -> None:
    """Let go of the connection that has kept us waiting longest: a stranger's hundred must not keep everybody out."""
    if len(server.active_channels) >= FULL:
        waiting = [one for one in server.active_channels.values() if _keeps_waiting(one)]
        if waiting:
            min(waiting, key=lambda one: one.creation_time).will_close = True


def _keeps_waiting(channel: Any) -> bool:
    """True while nothing is done for it: it is silent, or has not come to the end of what it asks."""
    busy = channel.requests or channel.total_outbufs_len or channel.will_close
    return not busy and not getattr(channel.request, "awaited", False)
