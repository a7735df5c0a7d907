"""Where everything is, as one table: docs/mqtt.md shows it, a test holds both together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from appliance.errors import InputError
from appliance.live.wishes import KEYS


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of topic."""

    topic: str
    """BOX, SETTING, PERSON and so on stand for one level each."""
    way: Literal["out", "in"]
    """As seen from the box."""
    retained: bool
    payload: str
    meaning: str


EVENTS = {
    "shown": "a person of the list, or a guest, is shown in the picture",
    "left": "that person is not in the picture any more",
    "fault": "something goes wrong, or is right again",
    "login": "somebody logs in to the page, or tries to",
    "enrolment": "photos of a person are added, or a person removed",
}
"""Kinds of what is told once, as it happens."""

COMMANDS = {
    "cover-everyone": "show nobody",
    "slate": "no picture at all",
    "selective": "show who is enrolled",
    "reveal": "show the face of a track as a guest",
    "cover": "keep the face of a track covered",
    "forget-guests": "take every reveal back",
    "record": "start or stop the recording",
    "snapshot": "publish the masked preview once",
    "restart": "start the engine anew",
    "enrol": "enrol a person from photos",
}
"""What can be asked for, beside settings and people."""

TABLE = (
    Row("mofy/BOX/availability", "out", True, "`online`, `offline`", "is the box there? If not, the broker says so"),
    Row("mofy/BOX/state", "out", True, "JSON", "what the box is doing, at each change and every few seconds"),
    Row("mofy/BOX/people", "out", True, "JSON", "who is enrolled: ids, switches, ends; names with `share_names`"),
    Row("mofy/BOX/update", "out", True, "JSON", "which version is here, which could be"),
    Row("mofy/BOX/SETTING/state", "out", True, "text", "what a setting is"),
    Row("mofy/BOX/SETTING/set", "in", False, "text or JSON", "change a setting, now and after every restart"),
    Row("mofy/BOX/person/PERSON/state", "out", True, "`ON`, `OFF`", "may this person be shown?"),
    Row("mofy/BOX/person/PERSON/set", "in", False, "`ON`, `OFF` or JSON", "switch a person on or off"),
    Row("mofy/BOX/command/COMMAND", "in", False, "empty, text or JSON", "do something; the commands are below"),
    Row("mofy/BOX/response", "out", False, "JSON", "what became of it, where no response topic was given"),
    Row("mofy/BOX/event/KIND", "out", False, "JSON", "what happened, once; the kinds are below"),
    Row("mofy/BOX/snapshot", "out", False, "JPEG", "the masked preview, after the command snapshot"),
    Row("homeassistant/COMPONENT/mofy_BOX/NAME/config", "out", True, "JSON", "Home Assistant's discovery"),
    Row("homeassistant/status", "in", False, "`online`", "Home Assistant has started: it is told everything anew"),
)
"""`mofy` and `homeassistant` are the configuration's base and discovery."""

ANSWERABLE = ("response", "answers")
"""Levels below a box's own topic where an answer may be asked for."""


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one box."""

    base: str
    box: str

    @property
    def root(self) -> str:
        """What they all begin with, without its stroke."""
        return f"{self.base}/{self.box}"

    def of(self, *levels: str) -> str:
        """A topic of this box."""
        return "/".join((self.root, *levels))

    @property
    def orders(self) -> tuple[str, ...]:
        """Filters of all that is obeyed."""
        return (self.of("+", "set"), self.of("person", "+", "set"), self.of("command", "+"))

    def levels(self, topic: str) -> tuple[str, ...]:
        """What stands behind this box's own part; empty when the topic is another's."""
        return tuple(topic[len(self.root) + 1 :].split("/")) if topic.startswith(f"{self.root}/") else ()

    def answer(self, asked: str | None) -> str:
        """Where to answer: where it was asked for, or mofy/BOX/response.

        Raises InputError for what would let a stranger speak with this box's voice: another's order, a discovery.
        """
        if asked is None:
            return self.of("response")
        own = self.levels(asked)
        inside = asked == self.base or asked.startswith(f"{self.base}/")
        fine = own[:1] and own[0] in ANSWERABLE if inside else not asked.startswith(("$", "homeassistant/"))
        if not fine or not asked or len(asked) > 256 or any(sign in asked for sign in "+#\0"):
            raise InputError(f"no answer can be sent there; {self.of('response')}/ and any word was expected")
        return asked


SETTINGS = KEYS
"""Levels that name a setting."""
