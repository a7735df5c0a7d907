"""Who changed what, as the store's audit has it, in the language of the reader."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask_babel import gettext as _

from web.languages import moment
from web.plain import Plain

PERSON = r"person (?P<person>[0-9a-f]{16})"
ID = re.compile(r"\b[0-9a-f]{16}\b")
MOMENT = re.compile(r"\b\d{10}\.\d+\b")


def told(what: str, names: Mapping[str, str]) -> Plain:
    """One line of the audit; names: of people by id, those who are gone are told by the beginning of theirs."""
    for pattern, words in (*_of_people(), *_of_the_live_picture(), *_of_the_door(), *_of_the_rest()):
        if found := re.fullmatch(pattern, what):
            groups = {key: _value(key, value, names) for key, value in found.groupdict().items()}
            return Plain(words % groups if groups else words, None)
    return Plain(_filled(what, names), "en")


def actor(who: str) -> str:
    """Who it was, as the audit names him."""
    kind, _gap, which = who.partition(" ")
    known = {"page": _("page"), "mqtt": "MQTT", "command line": _("command line"), "fleet": _("another box")}
    told = {"guest": _("guest"), "token": _("program")}.get(kind) if which else None
    return f"{told} {which}" if told else known.get(who, who)


def _of_people() -> tuple[tuple[str, str], ...]:
    return (
        (PERSON + r": (?P<count>\d+) photos added", _("%(person)s: photos added: %(count)s")),
        (PERSON + r": (?P<fields>[a-z ]+) changed", _("%(person)s: changed: %(fields)s")),
        (PERSON + r": (?P<count>\d+) photos of others added", _("%(person)s: photos of others added: %(count)s")),
        (PERSON + r": (?P<count>\d+) photos of others removed", _("%(person)s: photos of others deleted: %(count)s")),
        (PERSON + r": removed", _("%(person)s: deleted")),
        (PERSON + r": restored with (?P<count>\d+) photos", _("%(person)s: imported, photos: %(count)s")),
        (PERSON + r": removed, as on another box", _("%(person)s: deleted, as on another box")),
        (PERSON + r": taken over from box .*", _("%(person)s: taken over from another box")),
        (PERSON + r": renamed, for two had one name", _("%(person)s: renamed, for two had one name")),
        (r"(?P<count>\d+) people exported", _("people exported: %(count)s")),
        (r"(?P<count>\d+) photos looked at anew by .*", _("photos looked at anew: %(count)s")),
    )


def _of_the_live_picture() -> tuple[tuple[str, str], ...]:
    until = r" until (?P<until>taken back|\d+\.\d+)"
    track = r"claim \w+: {} track (?P<track>\d+) of run \S+" + until
    return (
        (r"setting mode: (?P<mode>[a-z-]+)", _("picture: %(mode)s")),
        (r"setting (?P<key>[\w-]+): taken back", _("setting %(key)s: taken back")),
        (r"setting (?P<key>[\w-]+): (?P<value>.*)", _("setting %(key)s: %(value)s")),
        (track.format("reveal"), _("face %(track)s: shown as a guest, %(until)s")),
        (track.format("cover"), _("face %(track)s: kept covered, %(until)s")),
        (r"claim \w+: cover-person " + PERSON + until, _("%(person)s: kept covered, %(until)s")),
        (r"claim \w+: taken back", _("a wish about a face: taken back")),
        (r"every guest forgotten", _("every guest forgotten")),
    )


def _of_the_door() -> tuple[tuple[str, str], ...]:
    return (
        (r"logged in", _("logged in")),
        (r"a wrong PIN was entered", _("a wrong PIN was entered")),
        (r"PIN changed", _("PIN changed")),
        (r"everybody logged out", _("everybody logged out")),
        (r"a link for a guest was made", _("a link for a guest was made")),
        (r"a link for a guest was revoked", _("a link for a guest was revoked")),
        (r"came in by a link", _("came in by a link")),
        (r"deleted what was his", _("deleted all that was his own")),
        (r"token (?P<name>.*): made", _("access for the program %(name)s made")),
        (r"token (?P<name>.*): revoked", _("access for the program %(name)s revoked")),
    )


def _of_the_rest() -> tuple[tuple[str, str], ...]:
    return (
        (r"file \w+: sent, (?P<count>\d+) people stay shown", _("a file sent, people who stay shown: %(count)s")),
        (r"file \w+: deleted", _("a file deleted")),
        (r"network: joining (?P<name>.*)", _("Wi-Fi: joining %(name)s")),
        (r"network: own Wi-Fi on", _("Wi-Fi: the box's own switched on")),
        (r"network: own Wi-Fi off", _("Wi-Fi: the box's own automatic")),
        (r"network: (?P<name>.*) forgotten", _("Wi-Fi: %(name)s forgotten")),
    )


def _value(key: str, value: str, names: Mapping[str, str]) -> str:
    if key == "person":
        return names.get(value, value[:6])
    if key == "until":
        told = (
            _("until it is taken back") if value == "taken back" else _("until %(moment)s", moment=moment(float(value)))
        )
        return str(told)
    known = _words().get(key, {})
    if key == "fields":
        return ", ".join(known.get(one, one) for one in value.split(" and "))
    return known.get(value, value)


def _words() -> dict[str, dict[str, str]]:
    """Single words of the audit, by where they stand in a line."""
    return {
        "mode": {"selective": _("Selective"), "cover-everyone": _("Cover everyone"), "slate": _("No picture")},
        "fields": {"name": _("name"), "note": _("note"), "expiry": _("how long shown"), "enabled": _("on or off")},
        "key": {
            "style": _("Style"),
            "strength": _("Strength"),
            "margin": _("Margin around the face"),
            "window": _("Frames that the picture looks ahead"),
            "outline": _("Draw box and name of who is shown"),
            "record": _("recording"),
            "box-name": _("name"),
        },
        "value": {"true": _("on"), "false": _("off")},
    }


def _filled(what: str, names: Mapping[str, str]) -> str:
    named = ID.sub(lambda found: names.get(found[0], found[0][:6]), what)
    return MOMENT.sub(lambda found: moment(float(found[0])), named)
