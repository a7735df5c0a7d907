"""What is asked of systemd, in one small place."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Protocol

from appliance.errors import MofyError

TARGET = "mofy.target"
ENGINE = "mofy-engine"
PLACED = Path("/etc/systemd/system")
OURS = "mofy.conf"
"""In sysusers.d and tmpfiles.d."""

PATIENCE_S = 120


class Services(Protocol):
    """The system's service manager."""

    def running(self) -> bool:
        """True when there is one: not in a bare container."""

    def prepare(self) -> None:
        """Users, folders and units as the files in place say, and the box started at every boot."""

    def restart(self) -> None:
        """Start the box's services anew."""

    def stop(self) -> None:
        """Stop them until they are started, or until the next boot."""

    def disable(self) -> None:
        """Do not start them at boot any more."""

    def restart_broker(self, forgetting: Path | None = None) -> None:
        """Let mosquitto read its files anew, where it runs; forgetting: the file in which it keeps what it was told."""

    def ends(self) -> int:
        """How often the engine has ended by itself since it was started."""

    def last_words(self) -> str:
        """What the engine said last before it ended, if anything."""

    def forget(self) -> None:
        """Look at the units anew, now that ours are gone."""


class Systemd:
    """systemd. Every call raises MofyError with systemd's own words."""

    def running(self) -> bool:
        """See Services."""
        return Path("/run/systemd/system").is_dir()

    def prepare(self) -> None:
        """See Services."""
        # Ours alone: the rest of the system is not for us to make, nor are its faults ours.
        _do("systemd-sysusers", OURS)
        _do("systemd-tmpfiles", "--create", OURS)
        if self.running():
            _do("systemctl", "daemon-reload")
        _do("systemctl", "enable", "--quiet", *_units())

    def restart(self) -> None:
        """See Services."""
        # Or the ends of whatever ran before would be counted as this one's.
        _asked("systemctl", "reset-failed", ENGINE)
        # The target alone would leave its parts alone when it is active already.
        _do("systemctl", "restart", "--no-block", TARGET)

    def stop(self) -> None:
        """See Services."""
        if self.running():
            _do("systemctl", "stop", TARGET)

    def disable(self) -> None:
        """See Services."""
        if units := _units():
            _do("systemctl", "disable", "--quiet", *units)

    def restart_broker(self, forgetting: Path | None = None) -> None:
        """See Services."""
        if forgetting is None:
            if self.running():
                _do("systemctl", "try-restart", "mosquitto")
            return
        # As it ends it would write that anew.
        runs = _asked("systemctl", "is-active", "mosquitto").strip() == "active"
        if runs:
            _do("systemctl", "stop", "mosquitto")
        forgetting.unlink(missing_ok=True)
        if runs:
            _do("systemctl", "start", "mosquitto")

    def ends(self) -> int:
        """See Services."""
        told = _asked("systemctl", "show", "-P", "NRestarts", ENGINE).strip()
        return int(told) if told.isdecimal() else 0

    def last_words(self) -> str:
        """See Services."""
        told = _asked("journalctl", "-u", ENGINE, "-o", "cat", "--no-pager", "-n", "40")
        return next((line for line in reversed(told.splitlines()) if line.startswith("mofy: ")), "")

    def forget(self) -> None:
        """See Services."""
        if self.running():
            _do("systemctl", "daemon-reload")


def _units() -> list[str]:
    """Those of the release whose files are in place, be it older or newer than this program."""
    found = (path for end in ("service", "target") for path in PLACED.glob(f"mofy*.{end}"))
    return sorted(path.name for path in found if "\n[Install]\n" in path.read_text(encoding="utf-8"))


def _asked(*command: str) -> str:
    """Its answer; empty where there is none."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _do(*command: str) -> None:
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MofyError(f"{command[0]}: cannot be run ({error})") from None
    if run.returncode:
        words = (run.stderr or run.stdout).strip().splitlines() or ["no reason given"]
        raise MofyError(f"{' '.join(command)}: {words[-1]}")
