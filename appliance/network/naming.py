"""The box's name in the network, mofy.local, and what it offers, told by avahi as long as it is true."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from appliance import reach, status
from appliance.errors import MofyError

PROGRAM = "avahi-publish"
COMMON = "mofy.local"
"""The name of every box; of several in one network only the first gets it."""

AGAIN_S = 30.0
"""What ended by itself (the name is taken, avahi is not there) is tried again after so long."""

Words = tuple[str, ...]


def names(own: str) -> tuple[str, ...]:
    """Names of a box whose Wi-Fi is called so: the common one, and one that no other box has."""
    return (COMMON, f"{own.lower()}.local") if own else (COMMON,)


def announcements(own: str, data: Path, runtime: Path, lan: tuple[str, ...]) -> set[Words]:
    """What avahi is to tell: names with the likeliest address, the page and the stream where they are served."""
    if not lan:
        return set()
    wanted: set[Words] = {("-a", "-R", name, lan[0]) for name in names(own)}
    label = own or "MOFY"
    page = reach.page(data)
    if page and reach.seen_from_outside(page[1], lan):
        wanted.add(("-s", label, f"_{page[0]}._tcp", str(page[2]), "path=/"))
    with suppress(MofyError):
        engine = status.read(runtime)
        place = urlsplit(engine.address)
        if not status.is_stale(engine, time.time()) and place.scheme == "rtsp" and place.port:
            wanted.add(("-s", label, "_rtsp._tcp", str(place.port), f"path={place.path}"))
    return wanted


class Announcer:
    """Keeps one avahi-publish running for each announcement."""

    def __init__(self, program: str = PROGRAM, now: Callable[[], float] = time.monotonic) -> None:
        self._program, self._now = program, now
        self._running: dict[Words, subprocess.Popen[bytes]] = {}
        self._not_before: dict[Words, float] = {}

    def keep(self, wanted: Iterable[Words]) -> None:
        """Tell these and no others."""
        wished = set(wanted)
        for words in [words for words in self._running if words not in wished]:
            _end(self._running.pop(words))
        for words, child in list(self._running.items()):
            if child.poll() is not None:
                del self._running[words]
                self._not_before[words] = self._now() + AGAIN_S
        self._not_before = {words: at for words, at in self._not_before.items() if words in wished}
        for words in sorted(wished - set(self._running)):
            if self._now() >= self._not_before.get(words, float("-inf")):
                self._begin(words)

    def close(self) -> None:
        """Tell nothing any more."""
        self.keep(())

    def _begin(self, words: Words) -> None:
        quiet = subprocess.DEVNULL
        try:
            self._running[words] = subprocess.Popen([self._program, *words], stdin=quiet, stdout=quiet, stderr=quiet)
        except OSError:
            self._not_before[words] = self._now() + AGAIN_S


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(2.0)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
