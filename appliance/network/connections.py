"""The two connections that the box itself makes: its own Wi-Fi, and its cable with an address of its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

from appliance.network import joining, profiles
from appliance.network.looking import Look
from appliance.network.nmcli import CABLE, Device, Nmcli
from appliance.network.own import Own

AFTER_FAILURE_S = 30.0
"""What could not be done is not tried again before."""

SWITCHING_ON_S = 2.0
"""What a radio that was switched off takes until it can be used."""

OPEN_S = 20
"""So long for NetworkManager to bring one up."""

CABLE_UUID = str(uuid.uuid5(uuid.NAMESPACE_DNS, "cable.mofy"))
OWN_FILE, CABLE_FILE = "mofy-own.nmconnection", "mofy-cable.nmconnection"


class Connections:
    """Both of one box. What is done raises as Nmcli, and OSError for a file that cannot be written."""

    def __init__(
        self,
        nmcli: Nmcli,
        own: Own,
        cable: tuple[str, str] | None,
        root: Path,
        now: Callable[[], float],
        pause: Callable[[float], object],
    ) -> None:
        """cable: its address and gateway, None leaves it to NetworkManager; now: seconds that only go forward."""
        self._nmcli, self._own, self._cable = nmcli, own, cable
        self._folder, self._root = root / joining.VOLATILE, root
        self._now, self._pause = now, pause
        self._own_not_before = self._cable_not_before = float("-inf")

    @property
    def own_may_be_tried(self) -> bool:
        """False for a while after the own Wi-Fi could not be opened."""
        return self._now() >= self._own_not_before

    def prepare(self) -> None:
        """Clear away what a try that was cut off has left, and tell NetworkManager of the cable, or to forget it."""
        joining.tidy(self._nmcli, self._root)
        file = self._folder / CABLE_FILE
        if self._cable:
            joining.write(file, profiles.cable(CABLE_UUID, *self._cable))
            self._nmcli.load(file)
        elif file.exists():
            self._nmcli.delete(CABLE_UUID)
            file.unlink(missing_ok=True)

    def keep_cable(self, look: Look) -> None:
        """Bring the cable up where one is plugged in and is not connected by ours."""
        plugged = [one for one in look.devices if one.kind == CABLE and one.state not in ("unavailable", "unmanaged")]
        is_kept = any(one.profile == CABLE_UUID for one in plugged)
        if not self._cable or not plugged or is_kept or self._now() < self._cable_not_before:
            return
        self._cable_not_before = self._now() + AFTER_FAILURE_S
        self._nmcli.up(CABLE_UUID, plugged[0].name, OPEN_S)

    def open_own(self, device: Device) -> None:
        """Open the own Wi-Fi on this device, which is switched on if need be."""
        self._own_not_before = self._now() + AFTER_FAILURE_S
        if device.state == "unavailable":
            self._nmcli.switch_wifi_on()
            self._pause(SWITCHING_ON_S)
        file = self._folder / OWN_FILE
        joining.write(file, profiles.own(self._own.uuid, self._own.name, self._own.password))
        self._nmcli.load(file)
        self._nmcli.up(self._own.uuid, device.name, OPEN_S)
        self._own_not_before = float("-inf")

    def close_own(self) -> None:
        """Close the own Wi-Fi; it is no fault when it is not open."""
        self._nmcli.down(self._own.uuid)
