"""A sound card through ALSA: alsa, or alsa:DEVICE as `arecord -L` lists them (alsa:hw:1, alsa:plughw:CARD=Mic)."""

from __future__ import annotations

from appliance.options import Disguise
from appliance.sound._listening import Listening, Plan

LATENCY_US = 10_000


def build(device: str, disguise: Disguise) -> Listening:
    """Listen to the card; see Microphone."""
    name = device or "default"
    # A driver's own time stamps may be of another clock: a plugin's count from 1970.
    properties = {"device": name, "latency-time": LATENCY_US, "use-driver-timestamps": False}
    return Listening(Plan(f"alsa:{name}", "alsasrc name=src", properties), disguise)
