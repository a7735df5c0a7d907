"""The engine's own words, which are English, in the language of the reader where they are known."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask_babel import gettext as _

from web import refusals


@dataclass(frozen=True, slots=True)
class Plain:
    """A sentence and its language, for the page's `lang`."""

    text: str
    language: str | None
    """None: the page's own."""


def plain(words: str) -> Plain:
    """What the engine said of a fault or of a wish."""
    known = _sentences().get(words)
    return Plain(known, None) if known is not None else _matched(words, _patterns())


def refusal(words: str) -> Plain:
    """What store, jobs or options said of an entry that they did not take; what the page says itself stays."""
    return _matched(words, (*refusals.patterns(), *_of_people()))


def _matched(words: str, patterns: tuple[tuple[str, str], ...]) -> Plain:
    for pattern, told in patterns:
        if (found := re.search(pattern, words)) is not None:
            return Plain(told % found.groupdict() if found.groupdict() else told, None)
    return Plain(words, "en")


def _sentences() -> dict[str, str]:
    return {
        "looking at this face": _("Looking at this face …"),
        "shown as a guest wherever this face is recognised": _("Shown as a guest"),
        "covered": _("Kept covered"),
        "covered, by another wish": _("Covered, by another wish"),
        "covered; this face is not in the picture now": _("Kept covered; not in the picture now"),
        "this face is not in the picture any more": _("This face is not in the picture any more."),
        "this face is shown already": _("This face is shown already."),
        "another face came too near just now; try again when they are apart": _(
            "Another face came too near. Try again when they are apart."
        ),
        "another face came too near; try again when they are apart": _(
            "Another face came too near. Try again when they are apart."
        ),
        "this face left before it was known": _("This face left before it was known well enough."),
        "this was not the same face all the time; try again": _("This was not the same face all the time. Try again."),
        "this face is too small": _("This face is too small."),
        "this face could not be seen well enough": _("This face could not be seen well enough."),
        "this face is wished covered; take that back first": _("This face is to stay covered. Take that back first."),
        "who is enrolled cannot be read, and everyone is covered": _("Everyone is covered: the people cannot be read."),
        "a recording is wished, but there is no folder for it: start with --record FOLDER": _(
            "Recording is wished, but the box was started without a folder for it (--record FOLDER)."
        ),
    }


def _patterns() -> tuple[tuple[str, str], ...]:
    return (*_of_people(), *_of_outputs(), *_of_the_box())


def _of_people() -> tuple[tuple[str, str], ...]:
    return (
        (r"^the mode is .*, which shows nobody", _("Everyone is covered now. Choose “Selective” first.")),
        (r"^said of an earlier run", _("Said before the camera was started anew.")),
        (r"photos are of another model", _("Some photos are of another model and do not count: mofy people refresh")),
        (r"the key is missing", _("The key of the people is missing, so everyone is covered.")),
        (
            r"the key is sealed|cannot decrypt the key",
            _("The box cannot open the key of the people, so everyone is covered: sudo mofy doctor secrets"),
        ),
        (r"is not the key|cannot be decrypted", _("The key of the people is a wrong one, so everyone is covered.")),
        (r"people\.db: is damaged", _("The list of people is damaged, so everyone is covered.")),
        (r"^a wish was ignored", _("A setting was not understood and is ignored.")),
    )


def _of_outputs() -> tuple[tuple[str, str], ...]:
    return (
        (r"(disk|room|space).*(full|less|left)|no space", _("The disk is full, so nothing is recorded.")),
        (
            r"cannot be recorded to|the recording stopped",
            _("Recording does not work: its folder cannot be written to."),
        ),
        (r"no preview", _("There is no preview. The stream goes on.")),
        (r"^hdmi: ", _("The display at HDMI does not work: mofy doctor display")),
        (r"^push to (?P<where>\S+?):? .*tried again$", _("Sending on to %(where)s does not work. It is tried again.")),
        (r"^sound is wished, but", _("Sound is wished, but the box was started without a microphone (--sound).")),
        (r"^the sound is muted: a wish", _("The sound is muted: a setting was not understood.")),
        (r"nothing is heard$|^(alsa|pulse)\b.*: ", _("The microphone is not heard. It is tried again.")),
        (r"^the covers stay as they are", _("The new style does not work. Faces stay covered as they were.")),
    )


def _of_the_box() -> tuple[tuple[str, str], ...]:
    return (
        (r"^the clock was set back", _("The box's clock was set back. Whose time ran out stays covered.")),
        (r"^the machine is too slow", _("The box is too slow for this picture: frames are left out.")),
        (r"^a new start is wished, but", _("A new start waits: it would end the recording.")),
        (r"^the power supply is too weak", _("The power supply is too weak. Use the one made for the box.")),
        (r"^the board is too hot", _("The box is too hot and slows down. Give it air, or a fan.")),
    )
