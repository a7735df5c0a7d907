"""A steady tone, for trying things out."""

from __future__ import annotations

from appliance.options import Disguise
from appliance.sound._listening import Listening, Plan


def build(device: str, disguise: Disguise) -> Listening:
    """440 Hz without end; see Microphone."""
    return Listening(Plan("test", "audiotestsrc name=src is-live=true", {"freq": 440.0, "volume": 0.2}), disguise)
