"""Where a box keeps what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Paths of a box below a root: / on a box, a folder in tests."""

    root: Path = Path("/")

    @property
    def home(self) -> Path:
        """Everything that is replaced with the program."""
        return self.root / "opt/mofy"

    @property
    def releases(self) -> Path:
        """One folder a release."""
        return self.home / "releases"

    @property
    def current(self) -> Path:
        """Link to the release that runs."""
        return self.home / "current"

    @property
    def previous(self) -> Path:
        """Link to the one before."""
        return self.home / "previous"

    @property
    def unfinished(self) -> Path:
        """Link to the release that ran when an update began, as long as that update has not ended."""
        return self.home / "unfinished"

    @property
    def configuration(self) -> Path:
        """What the owner writes."""
        return self.root / "etc/mofy"

    @property
    def options(self) -> Path:
        """The owner's options, made once and never overwritten."""
        return self.configuration / "mofy.toml"

    @property
    def publisher(self) -> Path:
        """The public key that releases must be signed with."""
        return self.configuration / "release.pub"

    @property
    def data(self) -> Path:
        """People, key, passwords, settings."""
        return self.root / "var/lib/mofy"

    @property
    def runtime(self) -> Path:
        """What is true only while the engine runs."""
        return self.root / "run/mofy"

    @property
    def update(self) -> Path:
        """What the last update came to, for page and MQTT."""
        return self.data / "update.json"
