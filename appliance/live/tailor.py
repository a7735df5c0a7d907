"""Makes a mask beside the line: a picture may take long to read, and no frame waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from appliance import assembly
from appliance.core.veiling import Mask
from appliance.options import Config, Look

Cut = tuple[str, int, str]
"""What a mask is made by: style, strength, picture."""


class Tailor:
    """Asked by the line's thread alone; works in one of its own. Whatever cannot be made leaves the old mask."""

    def __init__(self, worn: Look, make: Callable[[Config], Mask] = assembly.mask) -> None:
        """worn: the look whose mask is in use already."""
        self._make = make
        self._wanted = self.worn = _cut(worn)
        """What the mask in use was made by."""
        self._made: SimpleQueue[tuple[Cut, Mask | None, str]] = SimpleQueue()
        self.fault: str | None = None
        """Why the mask in use is not the one that is wished, in words."""

    def order(self, config: Config) -> None:
        """Begin to make the mask of this configuration, unless it is worn or in the making."""
        wanted = _cut(config.look)
        if wanted != self._wanted or (self.fault and wanted != self.worn):
            self._wanted, self.fault = wanted, None
            if wanted != self.worn:
                threading.Thread(target=self._work, args=(wanted, config), name="tailor", daemon=True).start()

    def fetch(self) -> Mask | None:
        """The mask that was ordered last, once, when it is ready."""
        newest = None
        for _ in range(self._made.qsize()):
            cut, mask, fault = self._made.get()
            # An older order may be made after a newer one.
            if cut == self._wanted:
                newest, self.fault = mask, fault or None
                self.worn = cut if mask is not None else self.worn
        return newest

    def _work(self, cut: Cut, config: Config) -> None:
        try:
            self._made.put((cut, self._make(config), ""))
        except Exception as error:  # whatever a picture may hold: the faces stay covered as they are
            self._made.put((cut, None, f"the covers stay as they are: {error or type(error).__name__}"))


def _cut(look: Look) -> Cut:
    return look.style, look.strength, look.picture
