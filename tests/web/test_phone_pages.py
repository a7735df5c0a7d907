"""Live, files and settings on phones of both sizes, languages and lights: they fit, are touched, and axe is silent."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from appliance import control, status
from appliance.live.credentials import PASSWORD
from appliance.sinks.preview import NAME
from appliance.status import ClaimStatus, Status, TrackStatus
from tests.web.conftest import RUNNING, Page, cookie, with_browser
from tests.web.test_files import finish, sent_whole
from tests.web.test_phone import Phone
from web import about

pytestmark = with_browser

TRACKS = (TrackStatus(1, (10, 5, 30, 30), None), TrackStatus(2, (40, 10, 44, 15), None))
CLAIMS = (
    ClaimStatus("c1", "reveal", "active", "shown as a guest wherever this face is recognised", 9, "guest-c1", 4e9, 1.0),
)


@pytest.fixture
def address(page: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The page of a box that is at work, with files of every kind."""
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(page.box.runtime))
    monkeypatch.setattr(about, "addresses", lambda: ["192.168.4.1"])
    person = page.enrol("Anna Wolfeschlegelsteinhausenbergerdorff")
    tracks = (*TRACKS, TrackStatus(3, (46, 20, 60, 40), person.id))
    word = replace(RUNNING, run="r1", source="/dev/video0", tracks=tracks, claims=CLAIMS)
    (page.box.data / PASSWORD).write_text("secret\n")
    job = sent_whole(page, name="A very long name of a photo from a very long summer party in Seoul.jpg")
    finish(page, job)
    sent_whole(page, name="second.jpg")
    built = control.build(control.Run(page.box.data, port=0))
    stop = threading.Event()
    threads = [threading.Thread(target=built.run, args=(stop,)), threading.Thread(target=says, args=(page, word, stop))]
    for thread in threads:
        thread.start()
    yield built.address
    stop.set()
    for thread in threads:
        thread.join(5)


def says(page: Page, word: Status, stop: threading.Event) -> None:
    """Report again and again, as an engine does."""
    page.engine_says(word)
    while not stop.wait(0.5):
        status.write(replace(word, at=time.time()), page.box.runtime)
        (page.box.runtime / NAME).touch()


@pytest.mark.parametrize(("size", "locale", "scheme"), [("small", "ko-KR", "light"), ("large", "en-GB", "dark")])
def test_every_page_is_fit_for_every_thumb(browser, page, address, size, locale, scheme):
    phone = Phone(browser, size, address, locale=locale, color_scheme=scheme)
    phone.tab.context.add_cookies([{"name": "mofy", "value": cookie(page.box.data), "url": address}])
    job = page.get("/files.json").get_json()["jobs"][1]["id"]
    phone.go()
    phone.tab.locator("#faces g").first.wait_for()
    phone.look("live")
    phone.tab.locator("#look summary").tap()
    phone.look("look")
    phone.tab.locator("#faces g.covered").first.dispatch_event("click")
    phone.tab.locator("#sheet[open]").wait_for()
    phone.look("sheet")
    for path, name in (("files", "files"), (f"files/{job}", "file"), ("settings/changes", "changes"),
                       ("settings/about", "about"), ("settings", "settings")):  # fmt: skip
        phone.go(path)
        phone.look(name)
