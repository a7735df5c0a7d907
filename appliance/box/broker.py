"""The box's own MQTT broker: configured once, beside what the owner may have there, and taken away again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from appliance.box.places import Places
from appliance.box.services import Services
from appliance.errors import MofyError
from appliance.mqtt import setup
from appliance.network import own

CONFIGURATION = "etc/mosquitto/conf.d/mofy.conf"

TOLD = "var/lib/mosquitto/mosquitto.db"
"""Where the distribution's configuration has it keep messages."""


def prepare(places: Places, services: Services, tell: Callable[[str], None]) -> bool:
    """Make the broker's files if there are none and no broker of the owner's; True when the box has its own now."""
    file = _file(places)
    if file.exists():
        return True
    others = list(file.parent.glob("*.conf")) if file.parent.is_dir() else None
    if others is None or shutil.which(setup.MAKER) is None:
        tell("There is no mosquitto here, hence no broker: name one in [mqtt] to steer this box over MQTT")
        return False
    if others:
        tell(f"{file.parent} is configured already ({others[0].name}): it is left alone; name a broker in [mqtt]")
        return False
    try:
        # Before its certificate: one of the box's names is made with it.
        own.make(places.data)
        made = setup.setup(places.configuration / "mqtt", places.data, file)
        services.restart_broker()
    except MofyError as error:
        # A box without MQTT still covers faces.
        file.unlink(missing_ok=True)
        tell(f"The broker was not made: {error}")
        return False
    tell(f"Made a broker of the box's own; its passwords are in {made.folder}")
    return True


def remove(places: Places, services: Services, purge: bool) -> None:
    """Take its configuration out of mosquitto; passwords lie with the owner's options.

    purge: what it was told, too, where it was the box's alone: names, and photos that were sent to a box that was off.
    """
    file = _file(places)
    if file.exists():
        file.unlink()
        alone = not list(file.parent.glob("*.conf"))
        services.restart_broker(places.root / TOLD if purge and alone else None)


def _file(places: Places) -> Path:
    return places.root / CONFIGURATION
