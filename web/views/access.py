"""Who may open the page: its PIN, and every phone that is logged in."""

from __future__ import annotations

from flask import Blueprint, render_template

from web import pin

page = Blueprint("access", __name__)


@page.get("/access")
def show() -> str:
    """Change the PIN, log out here or everywhere."""
    return render_template("access.html", least=pin.LEAST)
