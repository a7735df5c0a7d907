"""HTTPS for waitress: each connection's socket wrapped, its encryption's state kept from two threads at once."""

from __future__ import annotations

import functools
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from waitress.channel import HTTPChannel

from appliance.errors import ConfigError


def channels(certificate: Path) -> Callable[..., HTTPChannel]:
    """What a server makes its connections with; certificate: PEM of key and certificate. Raises ConfigError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate)
    except (OSError, ssl.SSLError):
        raise ConfigError(f"{certificate}: a PEM file of a certificate and its key was expected") from None
    return functools.partial(TlsChannel, context)


class TlsChannel(HTTPChannel):  # type: ignore[misc]
    """One encrypted connection."""

    def __init__(self, context: ssl.SSLContext, server: Any, sock: Any, addr: Any, adj: Any, map: Any = None) -> None:
        self._alone = threading.Lock()
        sock.setblocking(False)
        wrapped = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        super().__init__(server, wrapped, addr, adj, map=map)

    def handle_read(self) -> None:
        """Take what has come, and what lies decrypted already, of which no poll would tell."""
        while self.connected and self.readable():
            try:
                with self._alone:
                    data = self.socket.recv(self.adj.recv_bytes)
                    more = bool(self.socket.pending())
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError:
                data, more = b"", False
            if not data:
                self.handle_close()
                return
            self.last_activity = time.time()
            self.received(data)
            if not more:
                return

    def send(self, data: bytes, do_close: bool = True) -> int:
        """How many bytes were taken; 0 when the other side must read first."""
        try:
            with self._alone:
                return int(self.socket.send(data))
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        except OSError:
            if do_close:
                self.handle_close()
            return 0
