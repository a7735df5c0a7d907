"""The box's network: join a Wi-Fi, open the box's own. Wishes for the service, which tells what came of them."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from appliance.errors import InputError
from appliance.network import own, report
from appliance.network.profiles import checked_password, checked_ssid, wifi_code
from appliance.network.report import Report
from appliance.network.wishes import Kind, Wish, wish
from web import about
from web.access import visitor
from web.box import box
from web.desired import note

page = Blueprint("network", __name__)


@page.get("/settings/network")
def show() -> str:
    """The page."""
    told = report.read(box().runtime)
    wifi = own.read(box().data)
    return render_template(
        "network.html",
        told=told,
        managed=told is not None and told.state != "unmanaged",
        failure=_failure(told) if told else "",
        wifi=wifi,
        # Made by segno of our own name and password: nothing in it is anybody's text.
        qr=Markup(about.qr(wifi_code(wifi.name, wifi.password))) if wifi else "",
        networks=about.networks(),
    )


@page.post("/settings/network/join")
def join() -> Response:
    """Ask the service to join a Wi-Fi."""
    ssid = request.form.get("ssid") or request.form.get("other", "")
    password = request.form.get("password", "")
    if wrong := _wrong(ssid, password):
        flash(wrong)
        return redirect(url_for("network.show"), 303)
    _wish(Wish("join", ssid, password), f"network: joining {ssid}")
    flash(_("The box tries it now, and leaves this network if it works: join the same Wi-Fi, open mofy.local."), "done")
    return redirect(url_for("network.show"), 303)


@page.post("/settings/network/forget")
def forget() -> Response:
    """Ask it to forget one."""
    ssid = request.form.get("ssid", "")
    _wish(Wish("forget", ssid), f"network: {ssid} forgotten")
    flash(_("It is forgotten."), "done")
    return redirect(url_for("network.show"), 303)


@page.post("/settings/network/look")
def look() -> Response:
    """Ask it to look around."""
    _wish(Wish("scan"))
    flash(_("The box looks around; this page shows what it finds in a few seconds."), "done")
    return redirect(url_for("network.show"), 303)


@page.post("/settings/network/own")
def keep_own() -> Response:
    """Open the own Wi-Fi, or only where there is no other."""
    wanted = request.form.get("own")
    if wanted not in ("on", "off"):
        abort(400)
    kind: Kind = "own" if wanted == "on" else "automatic"
    _wish(Wish(kind), f"network: own Wi-Fi {wanted}")
    flash(_("The box changes its network now: this page may be lost until you join the same one."), "done")
    return redirect(url_for("network.show"), 303)


def _wish(wanted: Wish, told: str = "") -> None:
    wish(box().data, box().runtime, wanted)
    somebody = visitor()
    if told:
        note(somebody.who if somebody else "page", told)


def _wrong(ssid: str, password: str) -> str:
    """What is wrong with them, in the language of the page; empty where nothing is."""
    name: str = _("The name of a Wi-Fi has 1 to 32 letters (of Korean ones 10).")
    word: str = _("The password of a Wi-Fi has 8 to 63 letters, digits and signs of a plain keyboard.")
    return name if not _fits(checked_ssid, ssid) else "" if _fits(checked_password, password) else word


def _fits(check: Callable[[str], str], text: str) -> bool:
    try:
        check(text)
    except InputError:
        return False
    return True


def _failure(told: Report) -> str:
    known: dict[str, str] = {
        "password": _("The password is not the right one."),
        "out-of-reach": _("It is not in reach, or does not answer."),
        "no-address": _("It gave the box no address."),
        "unusable": _("The box cannot join a network of this kind."),
        "other": _("It did not work."),
    }
    return known.get(told.failure, "")
