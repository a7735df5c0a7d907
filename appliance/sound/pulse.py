"""A source of PulseAudio or PipeWire: pulse, or pulse:NAME as `pactl list sources short` lists them."""

from __future__ import annotations

from appliance.options import Disguise
from appliance.sound._listening import Listening, Plan

LATENCY_US = 20_000


def build(device: str, disguise: Disguise) -> Listening:
    """Listen to the source, or to the default one; see Microphone."""
    properties = {"client-name": "MOFY", "latency-time": LATENCY_US, **({"device": device} if device else {})}
    return Listening(Plan(f"pulse:{device}" if device else "pulse", "pulsesrc name=src", properties), disguise)
