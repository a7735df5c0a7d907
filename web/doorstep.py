"""What is refused before it is read: a stranger who begins to send a lot would fill the disk long before any view.

waitress takes in a whole request before it asks the application; here it asks first who sends, once the head is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

from web import access
from web.limits import FORM_BYTES

MOST_BYTES = 1 << 30
"""Of anybody's request; the views' own limits are far lower."""


class _Less:
    """The server's settings, with a smaller limit."""

    max_request_body_size = FORM_BYTES

    def __init__(self, settings: Any) -> None:
        self._settings = settings

    def __getattr__(self, name: str) -> Any:
        return getattr(self._settings, name)


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Reads a request of somebody whom the application knows, and short ones of strangers."""

    adj: Any

    def __init__(self, app: Flask, adj: Any) -> None:
        super().__init__(adj)
        self._app = app

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head, and decide how much may follow."""
        super().parse_header(header_plus)
        if (self.chunked or self.content_length > FORM_BYTES) and not self._is_known():
            self.adj = _Less(self.adj)

    def _is_known(self) -> bool:
        told = {name: self.headers.get(name.upper(), "") for name in ("Cookie", "Authorization")}
        try:
            with self._app.test_request_context("/", headers={name: value for name, value in told.items() if value}):
                return access.visitor() is not None
        except Exception:  # whatever a stranger writes into a head
            return False


def channels(app: Flask, base: Callable[..., HTTPChannel] = HTTPChannel) -> Callable[..., HTTPChannel]:
    """What a server makes its connections with."""

    def connected(*given: Any, **options: Any) -> HTTPChannel:
        channel = base(*given, **options)
        channel.parser_class = lambda adj: Parser(app, adj)
        return channel

    return connected
