"""Taking a box apart again: nothing of ours stays but what the owner may want back."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress

from appliance.box import broker, keys, system_files
from appliance.box.places import Places
from appliance.box.services import Services
from appliance.errors import MofyError
from appliance.network import joining, own
from appliance.network.connections import OWN_FILE
from appliance.network.nmcli import Nmcli

USERS = ("mofy-control", "mofy")


def uninstall(places: Places, services: Services, purge: bool, nmcli: Nmcli | None = None) -> Iterator[str]:
    """Stop the services and remove what was installed, people and options only when asked to; yields what it did.

    nmcli: for tests.
    """
    wifi = own.read(places.data)
    if placed := system_files.placed(places):
        services.stop()
        services.disable()
        yield "Stopped the services"
    broker.remove(places, services, purge)
    gone = system_files.remove(places)
    if placed:
        services.forget()
    shutil.rmtree(places.home, ignore_errors=True)
    yield f"Removed {places.home} and {len(gone)} files of the system"
    shutil.rmtree(places.runtime, ignore_errors=True)
    keys.withdraw(places)
    if purge:
        _purge(places)
        yield f"Removed {places.data} and {places.configuration}: people, passwords and options are gone"
    else:
        yield f"{places.data} and {places.configuration} stay; `--purge` takes them too"
    opened = places.root / joining.VOLATILE / OWN_FILE
    if wifi is not None and opened.exists():
        # Last: whoever types this may be in it.
        yield "The box's own Wi-Fi is closed now"
        with suppress(MofyError):
            (nmcli or Nmcli()).delete(wifi.uuid)
        opened.unlink(missing_ok=True)


def _purge(places: Places) -> None:
    for folder in (places.data, places.configuration):
        shutil.rmtree(folder, ignore_errors=True)
    for file in joining.ours(places.root):
        file.unlink(missing_ok=True)
    if str(places.root) == "/":
        for user in USERS:
            with suppress(OSError):
                subprocess.run(["userdel", user], capture_output=True, timeout=30, check=False)
