"""What became of the last update, for page and MQTT: one small file in the data folder."""

from __future__ import annotations

import json
import time
from contextlib import suppress

from appliance.box import releases, system_files
from appliance.box.places import Places
from appliance.store.ownership import as_owner


def note(places: Places, state: str, label: str, words: str) -> None:
    """Write it down. What cannot be written hinders nothing."""
    running = releases.current(places)
    told = {"state": state, "release": label, "current": running.label if running else None, "words": words}
    with suppress(OSError):
        places.data.mkdir(parents=True, exist_ok=True)
        with as_owner(places.data):
            system_files.write(places.update, (json.dumps(told | {"at": time.time()}) + "\n").encode())
