"""Many clients in one thread: they speak RTSP, take what comes over their connection, and do nothing with it."""

from __future__ import annotations

import re
import selectors
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

AT_ONCE = 25
"""Clients that come at the same moment."""


class Crowd:
    """So many clients that play a stream over TCP, until the block ends."""

    def __init__(self, address: str, count: int) -> None:
        self.taken = [0] * count
        """Bytes by client."""
        self._place = urlsplit(address)
        self._address = address
        self._stop = threading.Event()
        with ThreadPoolExecutor(AT_ONCE) as knocking:
            self._sockets = list(knocking.map(lambda _: self._joined(), range(count)))
        self._thread = threading.Thread(target=self._take, daemon=True)

    def _joined(self) -> socket.socket:
        client = socket.create_connection((self._place.hostname or "", self._place.port or 554), 20)
        self._ask(client, "DESCRIBE", self._address, "Accept: application/sdp")
        transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
        answer = self._ask(client, "SETUP", f"{self._address}/stream=0", transport)
        session = re.search(r"Session: ([^;\r]+)", answer)
        assert session is not None, answer
        self._ask(client, "PLAY", self._address, f"Session: {session[1]}")
        client.setblocking(False)
        return client

    def _ask(self, client: socket.socket, method: str, place: str, header: str) -> str:
        client.sendall(f"{method} {place} RTSP/1.0\r\nCSeq: 1\r\n{header}\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            more = client.recv(4096)
            assert more, f"{method}: hung up after {answer!r}"
            answer += more
        text = answer.decode(errors="replace")
        assert text.startswith("RTSP/1.0 200"), text
        length = re.search(r"Content-Length: (\d+)", text)
        missing = int(length[1]) - len(answer.partition(b"\r\n\r\n")[2]) if length else 0
        while missing > 0:
            missing -= len(client.recv(missing))
        return text

    def _take(self) -> None:
        with selectors.DefaultSelector() as ready:
            for index, client in enumerate(self._sockets):
                ready.register(client, selectors.EVENT_READ, index)
            while not self._stop.is_set():
                for key, _ in ready.select(0.1):
                    self.taken[key.data] += len(self._sockets[key.data].recv(1 << 16))

    def moved(self, seconds: float) -> list[int]:
        """Bytes that each client took in so many seconds from now."""
        before = list(self.taken)
        time.sleep(seconds)
        return [after - had for after, had in zip(self.taken, before)]

    def __enter__(self) -> Crowd:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        for client in self._sockets:
            client.close()
