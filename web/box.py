"""The two places where this process meets the engine: the folder of wishes and the folder of facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask, current_app

from appliance import config
from appliance.options import Config

_PLACE = "mofy-box"


@dataclass(frozen=True, slots=True)
class Box:
    """Folders of one box."""

    data: Path
    """People, settings and key: what is wished."""
    runtime: Path
    """Report and masked preview: what is."""
    config: Config = field(default_factory=config.load)


def put(app: Flask, box: Box) -> None:
    """Tell the application which box it is the page of."""
    app.extensions[_PLACE] = box


def box_of(app: Flask) -> Box:
    """The box that the application was told of."""
    found: Box = app.extensions[_PLACE]
    return found


def box() -> Box:
    """The box of the request at hand."""
    found: Box = current_app.extensions[_PLACE]
    return found
