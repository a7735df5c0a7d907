"""Strangers' files are decoded here: in a process of their own for each, which can harm nobody but itself.

A keeper process has loaded the models and waits; for each file it forks a cell, which locks itself in (walls.py), looks
at the one file, and answers in plain data. Whatever happens to the cell, the asker gets a Look.
"""

from appliance.quarantine.looks import Found, Look
from appliance.quarantine.warden import Warden

__all__ = ["Found", "Look", "Warden"]
