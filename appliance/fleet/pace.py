"""How often a box looks, and how long it waits for another to speak first. Ranges are drawn from, so that not all do
the same at once."""

from __future__ import annotations

from dataclasses import dataclass

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pace:
    """All in seconds."""

    look_s: float = 0.1
    """How often the store is asked whether anything was changed here."""
    idle_s: float = 1.0
    """The same where there is no fleet yet."""
    failed_s: float = 5.0
    """Pause after the store failed."""
    card_s: float = 1.0
    """How often our own card is looked at; it is sent when it has changed."""
    restless_s: float = 60.0
    """What of the card changes all the time is told so often."""
    mark_s: float = 20.0
    """A mark that did not come back after so long is sent again."""
    repair_s: Range = (0.5, 4.0)
    """So long after a box was taken out whoever is left waits for another to change the key, then does it."""
    others_s: Range = (1.0, 5.0)
    """Whose edit is lacking says so at once; the others wait so long whether he does."""
    after_rotation_s: Range = (10.0, 60.0)
    """The same for people under an older key, who are all sent anew by whoever made the newer one."""
    again_s: Range = (10.0, 600.0)
    """What did not come back is sent again after the first of these, then after twice that, up to the second."""
    rest_s: float = 5.0
    """Nobody is told of twice within so long, unless he was changed."""


USUAL = Pace()
