"""How alike is alike enough, by what is asked and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Levels:
    """How alike is alike enough, as shares of what the person's own photos predict, and floors for all."""

    prove: float = 0.86
    """Averaged similarity that proves a run while nothing is known of how alike people here look."""
    prove_apart: float = 0.70
    """The same at the least, however little the others here look like the person."""
    prove_alike: float = 0.95
    """The same at the most, however alike they look."""
    prove_floor: float = 0.42
    """No run is ever proven below this (LFW's highest impostor average lies below it)."""
    sustain: float = 0.60
    """Averaged similarity that a run must keep."""
    agree: float = 0.50
    """Similarity a single frame needs to agree with its run."""
    continuity: float = 0.30
    """Similarity of a look to the run's own average, unless it would prove a photo: who takes a place is seldom that
    like the one before."""
    floor: float = 0.30
    """No other level is ever lower: of a thousand looks at strangers of LFW two or three lie above it."""
    evidence: int = 3
    """Agreeing verifications before the first SHOW."""
    eager: float = 0.3
    """How much more (as a share, divided by the looks) is asked of an average of few looks: it is chance as well."""
    allows_for_quality: bool = True
    """Small and unsharp faces are less like anybody: less is asked of them."""
    contradicts: float = 0.45
    """A look of a lower quality than this that disagrees says nothing: a turned or blurred face is like nobody."""


PHOTO = Levels(
    prove=0.88,
    prove_apart=0.88,
    prove_alike=0.88,
    sustain=0.88,
    agree=0.88,
    floor=0.42,
    evidence=1,
    eager=0.0,
    allows_for_quality=False,
)
"""A photo is a clip of one frame: one verification must do, so it is stricter."""

STRICT = Levels(prove=0.90, prove_apart=0.80, contradicts=0.35)
"""Of two networks together, which err on different faces: the enrolled reach more, look-alikes less."""
