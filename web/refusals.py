"""Why something was not done, as store and jobs say it, in the language of the reader."""

from __future__ import annotations

from flask_babel import gettext as _


def patterns() -> tuple[tuple[str, str], ...]:
    """What it is told by, and its words; groups of the one are names in the other."""
    return (*_names(), *_files(), *_wishes(), *_stores())


def _names() -> tuple[tuple[str, str], ...]:
    return (
        (r"^a name needs at least one letter", _("a name needs at least one letter")),
        (r"^a name has at most (?P<most>\d+) characters", _("a name has at most %(most)s letters")),
        (r"^a note has at most (?P<most>\d+) characters", _("a note has at most %(most)s letters")),
        (r"may not hold the invisible character", _("it holds an invisible sign; type it instead of pasting it")),
        (
            r"^somebody is enrolled as (?P<name>.+) already; choose",
            _("somebody is enrolled as %(name)s already; choose another name"),
        ),
        (r"^nobody is enrolled as|^this person is not enrolled", _("this person is not enrolled any more")),
        (r"^box-name: expected one line of at most (?P<most>\d+)", _("a name has at most %(most)s letters")),
    )


def _files() -> tuple[tuple[str, str], ...]:
    return (
        (r"^there is no such job", _("this file is not here any more")),
        (r"^the file is empty", _("the file is empty")),
        (r"^the file is too large: (?P<most>\d+) MB", _("the file is too large: at most %(most)s MB")),
        (r"^the box has no room for this file", _("the box has no room for it now; delete other files first")),
        (r"^there are \d+ files here already", _("there are too many files here; delete some first")),
    )


def _wishes() -> tuple[tuple[str, str], ...]:
    return (
        (r"^(style|strength|margin|window|outline|record): ", _("one of the values cannot be chosen")),
        (r"^there are \d+ wishes about single faces", _("there are too many wishes about faces; take some back first")),
        (r"^the end of the wish has passed", _("its end has passed already")),
    )


def _stores() -> tuple[tuple[str, str], ...]:
    return (
        (r"cannot be (saved|read or saved): the disk is full", _("the disk of the box is full; delete files first")),
        (r"no space left", _("the disk of the box is full; delete files first")),
        (r"read-only", _("the disk of the box cannot be written to")),
        (r"is in use by another program", _("another program was saving just then; press again")),
    )
