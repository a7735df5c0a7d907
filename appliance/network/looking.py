"""Facts for the policy, and for the report, from what NetworkManager says."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.network.nmcli import CABLE, WIFI, Device, Nmcli, Profile, Sight


@dataclass(frozen=True, slots=True)
class Look:
    """The machine's networks at one moment."""

    devices: tuple[Device, ...]
    own_uuid: str
    roundabout: frozenset[str] = frozenset()
    """Devices that somebody else than NetworkManager has put into a network."""

    @property
    def radio(self) -> Device | None:
        """The Wi-Fi device to use."""
        found = [one for one in self.devices if one.kind == WIFI and one.state != "unmanaged"]
        return min(found, key=lambda one: (one.state == "unavailable", one.name), default=None)

    @property
    def own(self) -> Device | None:
        """The device that is the own network's access point."""
        return next((one for one in self.devices if one.profile == self.own_uuid and one.connected), None)

    @property
    def cable(self) -> Device | None:
        """A cable that is in a network."""
        return next((one for one in self.devices if one.kind == CABLE and self._is_linked(one)), None)

    @property
    def wifi(self) -> Device | None:
        """A Wi-Fi device in a network that is not the own one."""
        others = (one for one in self.devices if one.kind == WIFI and one.profile != self.own_uuid)
        return next((one for one in others if self._is_linked(one)), None)

    @property
    def connecting(self) -> bool:
        """True while one of them is about to be."""
        return any(one.connecting for one in self.devices if one.kind in (WIFI, CABLE))

    def _is_linked(self, device: Device) -> bool:
        return device.state.startswith("connected") or device.name in self.roundabout


def look(nmcli: Nmcli, own_uuid: str) -> Look:
    """Ask; raises as Nmcli."""
    devices = tuple(nmcli.devices())
    foreign = [one.name for one in devices if one.kind in (WIFI, CABLE) and one.state == "unmanaged"]
    return Look(devices, own_uuid, frozenset(name for name in foreign if nmcli.addresses(name)))


def names(profiles: list[Profile]) -> frozenset[str]:
    """Of the Wi-Fis that could be joined."""
    return frozenset(one.ssid for one in profiles if one.ssid and not one.is_own)


def strongest(sights: list[Sight], known: frozenset[str]) -> list[str]:
    """Known ones in sight, the strongest first."""
    return [one.ssid for one in sights if one.ssid in known]
