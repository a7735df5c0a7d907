"""What makes the page an app on a home screen, and what it says when the box cannot be reached."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, render_template, url_for

from web import about
from web.access import open_to, visitor
from web.box import box

page = Blueprint("app", __name__)

GREEN, PAPER = "#0b6b57", "#f5f4f0"


@page.get("/manifest.webmanifest")
@open_to("everybody")
def manifest() -> Response:
    """The web app manifest. The box's name is for those who are let in."""
    called = f"MOFY {about.name(box().data, box().config)}" if visitor() else "MOFY"
    sizes = (("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any"),
             ("icon-maskable.png", "512x512", "maskable"))  # fmt: skip
    answer = jsonify(
        name=called,
        short_name="MOFY",
        id="/",
        start_url="/",
        scope="/",
        display="standalone",
        background_color=PAPER,
        theme_color=GREEN,
        icons=[
            {"src": url_for("static", filename=file), "sizes": size, "type": "image/png", "purpose": purpose}
            for file, size, purpose in sizes
        ],
    )
    answer.mimetype = "application/manifest+json"
    return answer


@page.get("/service-worker.js")
@open_to("everybody")
def worker() -> Response:
    """The script that stands in when the box is away. At the root, for it may only speak for what is below it."""
    return current_app.send_static_file("service-worker.js")


@page.get("/away")
@open_to("everybody")
def away() -> str:
    """What is shown when the box cannot be reached; kept by the browser, in both languages."""
    return render_template("away.html")
