"""Makes a mask beside the line: a picture may take long to read, and no frame waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

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
        self._made: tuple[Cut, Mask | None, str] | None = None
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
        made, self._made = self._made, None
        if made is None or made[0] != self._wanted:
            return None
        cut, mask, self.fault = made[0], made[1], made[2] or None
        self.worn = cut if mask is not None else self.worn
        return mask

    def _work(self, cut: Cut, config: Config) -> None:
        try:
            self._made = (cut, self._make(config), "")
        except Exception as error:  # whatever a picture may hold: the faces stay covered as they are
            self._made = (cut, None, f"the covers stay as they are: {error or type(error).__name__}")


def _cut(look: Look) -> Cut:
    return look.style, look.strength, look.picture
