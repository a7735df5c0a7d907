"""The engine's report in plain words, for people who do not read logs."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from appliance.options import Mode
from appliance.status import Status
from web.plain import Plain, plain
from web.reported import Report


@dataclass(frozen=True, slots=True)
class Told:
    """What stands under the picture."""

    tone: str
    """calm, wait, or bad: how much it should worry anybody."""
    headline: str
    detail: str
    figures: tuple[tuple[str, str], ...] = ()
    """Name and value."""
    faults: tuple[Plain, ...] = ()
    """What is wrong."""


def style_name(style: str) -> str:
    """A mask in the language of the request; its own name for one that has none."""
    known: dict[str, str] = {
        "mosaic": _("Mosaic"),
        "pixelate": _("Pixels"),
        "blur": _("Blur"),
        "solid": _("Solid colour"),
        "image": _("Drawn face"),
    }
    return known.get(style, style)


def tell(report: Report, wished: Mode) -> Told:
    """The report in the language of the request; wished: whom the store asks to show."""
    status = report.status
    if status is None:
        return Told("wait", _("The camera is off"), _("Nothing leaves this box until it is started."))
    if report.stale and status.state == "failed":
        return Told("bad", *_failed(), faults=_faults(status))
    if report.stale:
        seconds = round(report.age_s)
        heard = ngettext("Last heard of %(num)s second ago.", "Last heard of %(num)s seconds ago.", seconds)
        return Told("bad", _("The camera does not answer"), heard)
    return _told(status, wished)


def _told(status: Status, wished: Mode) -> Told:
    words = {
        "starting": ("wait", _("Starting"), _("Viewers see a notice until the first masked picture is ready.")),
        "no-picture": ("bad", _("No picture"), _("Viewers see a notice. It comes back by itself.")),
        "slate": ("wait", *_slate(wished)),
        "stopping": ("wait", _("Stopping"), _("The stream is about to end.")),
        "failed": ("bad", *_failed()),
    }
    tone, headline, detail = words.get(status.state) or ("calm", *_running(status, wished))
    return Told(tone, headline, detail, _figures(status), _faults(status))


def _faults(status: Status) -> tuple[Plain, ...]:
    return tuple(plain(fault) for fault in status.faults)


def _failed() -> tuple[str, str]:
    return _("Stopped by a fault"), _("No picture leaves this box until it is started again.")


def _slate(wished: Mode) -> tuple[str, str]:
    if wished == "slate":
        return _("No picture, as chosen"), _("Viewers see a notice until you choose another mode.")
    return _("No picture"), _("The picture is about to come back.")


def _running(status: Status, wished: Mode) -> tuple[str, str]:
    if status.mode == wished == "selective":
        return _("Live"), _("People who are switched on are shown. Everybody else is covered.")
    if status.mode == wished:
        return _("Live: everyone is covered"), _("Nobody is shown, whoever is enrolled.")
    if wished == "selective":
        wait = _("“Selective” is chosen, but the camera was started to cover everyone, or has not followed yet.")
        return _("Live: everyone is covered"), wait
    if wished == "slate":
        return _("Live"), _("“No picture” is chosen and not confirmed yet.")
    return _("Live"), _("“Cover everyone” is chosen and not confirmed yet.")


def _figures(status: Status) -> tuple[tuple[str, str], ...]:
    figures = [
        (_("Faces covered"), str(status.covered)),
        (_("Faces shown"), str(status.shown)),
        (_("Frames a second"), format_decimal(round(status.fps))),
        (_("Watching"), str(status.clients)),
    ]
    if status.temperature_c is not None:
        figures.append((_("Temperature"), f"{status.temperature_c:.0f} °C"))
    return tuple(figures)
