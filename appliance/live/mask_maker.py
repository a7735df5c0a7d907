"""Makes a mask beside the line: a picture may take long to read, and no frame waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

from appliance import assembly
from appliance.core.veiling import Mask
from appliance.options import Config, Look

MaskKind = tuple[str, int, str]
"""What a mask is made by: style, strength, picture."""


class MaskMaker:
    """Asked by the line's thread alone; works in one of its own. Whatever cannot be made leaves the old mask."""

    def __init__(self, in_use: Look, make: Callable[[Config], Mask] = assembly.mask) -> None:
        """in_use: the look whose mask the line has already."""
        self._make = make
        self._wanted = self.in_use = _kind(in_use)
        """What the mask in use was made by."""
        self._made: SimpleQueue[tuple[MaskKind, Mask | None, str]] = SimpleQueue()
        self.fault: str | None = None
        """Why the mask in use is not the one that is wished, in words."""

    def order(self, config: Config) -> None:
        """Begin to make the mask of this configuration, unless it is in use or in the making."""
        wanted = _kind(config.look)
        if wanted != self._wanted or (self.fault and wanted != self.in_use):
            self._wanted, self.fault = wanted, None
            if wanted != self.in_use:
                threading.Thread(target=self._work, args=(wanted, config), name="mask-maker", daemon=True).start()

    def finished(self) -> Mask | None:
        """The mask that was ordered last, once, when it is ready."""
        newest = None
        for _ in range(self._made.qsize()):
            kind, mask, fault = self._made.get()
            # An older order may be made after a newer one.
            if kind == self._wanted:
                newest, self.fault = mask, fault or None
                self.in_use = kind if mask is not None else self.in_use
        return newest

    def _work(self, kind: MaskKind, config: Config) -> None:
        try:
            self._made.put((kind, self._make(config), ""))
        except Exception as error:  # whatever a picture may hold: the faces stay covered as they are
            self._made.put((kind, None, f"the covers stay as they are: {error or type(error).__name__}"))


def _kind(look: Look) -> MaskKind:
    return look.style, look.strength, look.picture
