"""A page with a box of its own, the engine's word put into its folder by hand, and people without a camera."""

from __future__ import annotations

import functools
import importlib.util
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient

from appliance import control, status
from appliance.core.frames import blank
from appliance.core.veiling import veil
from appliance.sinks.preview import NAME, jpeg
from appliance.status import Status
from appliance.store import DATABASE, Store
from appliance.store.people import Template
from tests.scripted import BLACK, identity
from tests.waiting import PATIENCE_S
from web import Box, create_app, pin

RUNNING = Status("running", 0.0, 1, "0.1.0", "walk", "rtsp://127.0.0.1:8554/live", 64, 48, fps=29.7, covered=3, shown=1)
BROWSER = shutil.which("chromium")
SWITCHES = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync")  # fmt: skip

with_browser = [
    pytest.mark.skipif(importlib.util.find_spec("playwright") is None, reason="playwright is not installed"),
    pytest.mark.skipif(BROWSER is None, reason="chromium is not installed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
"""Marks of a file whose tests need a browser."""

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Page:
    """What a person with a browser can do."""

    client: FlaskClient
    box: Box

    def let_in(self, role: str = "operator", link: str = "", client: FlaskClient | None = None) -> None:
        """As if the PIN had been entered, or a link opened."""
        pin.ensure(self.box.data)
        with (client or self.client).session_transaction(base_url="http://localhost:8080") as session:
            session.update(role=role, epoch=pin.epoch(self.box.data), link=link)

    @property
    def untouched(self) -> bool:
        """True as long as nothing was wished and nobody enrolled."""
        return not (self.box.data / DATABASE).exists()

    def get(self, path: str = "/", **options: object):
        """The answer to a look."""
        return self.client.get(path, base_url="http://localhost:8080", buffered=True, **options)

    def text(self, path: str = "/", **options: object) -> str:
        """The page's HTML."""
        return self.get(path, **options).get_data(as_text=True)

    def post(self, path: str, token: str | None = None, **fields: object):
        """The answer to a button; its form's token, unless another is given."""
        fields["csrf_token"] = self.token() if token is None else token
        return self.client.post(path, data=fields, base_url="http://localhost:8080")

    def token(self) -> str:
        """What the forms of this browser are signed with."""
        return TOKEN.search(self.text("/login", follow_redirects=True))[1]

    def engine_says(self, word: Status = RUNNING, age_s: float = 0.0, preview: bool = True) -> None:
        """Put a report, and a preview, where the engine would."""
        status.write(replace(word, at=time.time() - age_s), self.box.runtime)
        if preview:
            masked = veil(blank(64, 48, 0, 0.0), (), BLACK)
            (self.box.runtime / NAME).write_bytes(jpeg(masked))

    def enrol(self, name: str, **options: object):
        """Somebody with one template."""
        template = Template("m", identity(name), np.zeros((112, 112, 3), np.uint8), 0.9, 0.1)
        return Store.open(self.box.data, create=True).enrol(name, [template], "test", **options)


def cookie(data: Path, role: str = "operator", link: str = "") -> str:
    """The session of somebody let in to the page that serves this folder."""
    pin.ensure(data)
    app = create_app(Box(data, data), control.page_key(data))
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    return signer.dumps({"role": role, "epoch": pin.epoch(data), "link": link, "_permanent": True})


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, one for all tests of a file; playwright's phones are in its `.devices`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=BROWSER, args=list(SWITCHES))
        phones = play.devices.items()
        opened.devices = {name: {k: v for k, v in one.items() if k != "default_browser_type"} for name, one in phones}
        opened.new_context = functools.partial(_patient, opened.new_context)
        yield opened
        opened.close()


def _patient(new_context: Callable[..., Any], **options: Any) -> Any:
    context = new_context(**options)
    context.set_default_timeout(PATIENCE_S * 1000)
    return context


@pytest.fixture(autouse=True)
def _hashing_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes guessing slow would make these tests slow too; test_pin.py looks at the real cost."""
    monkeypatch.setattr(pin, "MEMORY_KB", 64)
    monkeypatch.setattr(pin, "ROUNDS", 1)


@pytest.fixture
def page(tmp_path: Path) -> Page:
    """The page of an empty box."""
    box = Box(tmp_path / "data", tmp_path / "run")
    box.runtime.mkdir()
    app = create_app(box, b"s" * 32)
    made = Page(app.test_client(), box)
    made.let_in()
    return made


@pytest.fixture
def stranger(page: Page) -> Page:
    """The same page, of somebody who was not let in."""
    return Page(page.client.application.test_client(), page.box)
