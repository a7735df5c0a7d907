"""Whether the picture is recorded: as the engine was started, unless something else is wished."""

from __future__ import annotations

from typing import Protocol

from appliance.live.people_watch import PeopleWatch
from appliance.options import Record


class Recorder(Protocol):
    """A recording that can be started and stopped."""

    def switch(self, on: bool) -> None:
        """Record from now on, or not."""

    @property
    def recording(self) -> bool:
        """True while pictures are being written."""


class Recording:
    """The switch of a recorder, or of none."""

    def __init__(self, options: Record, people: PeopleWatch, recorder: Recorder | None) -> None:
        self._on = options.on
        self._people = people
        self._recorder = recorder

    @property
    def on(self) -> bool:
        """True while pictures are being written."""
        return self._recorder is not None and self._recorder.recording

    @property
    def fault(self) -> str | None:
        """Why nothing is recorded although it is wished, in words."""
        if self._recorder is None and self._people.wishes.record:
            return "a recording is wished, but there is no folder for it: start with --record FOLDER"
        return None

    def obey(self) -> None:
        """Start or stop as is wished now; nothing before it is known what that is."""
        if self._recorder is not None and self._people.asked:
            wished = self._people.wishes.record
            self._recorder.switch(self._on if wished is None else wished)
