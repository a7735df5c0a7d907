"""A thumb on a phone, a running engine, and somebody who watches the stream: what is tapped is what changes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance import assembly, config, control
from tests.mofy_process import Mofy, needs_gstreamer, seen
from tests.waiting import awaited
from tests.web.conftest import browser, cookie, with_browser
from web import pin

__all__ = ["browser"]

SURE = 0.7
"""Detector score of what is a bare face for certain."""

pytestmark = [needs_gstreamer, *with_browser]


class Watcher:
    """Somebody at the RTSP stream, who keeps the newest picture."""

    def __init__(self, address: str) -> None:
        self.newest: Any = None
        self.ended = False
        self._detector = assembly.detector(config.load())
        self._thread = threading.Thread(target=self._watch, args=(address,), daemon=True)
        self._thread.start()

    def _watch(self, address: str) -> None:
        import av

        eager = {"rtsp_transport": "tcp", "flags": "low_delay", "probesize": "32"}
        with av.open(address, options=eager, timeout=5.0) as stream:
            for picture in stream.decode(video=0):
                self.newest = picture
                if self.ended:
                    return

    def bare_faces(self) -> int:
        """How many faces a machine finds in the picture of this moment."""
        picture = self.newest
        size = self._detector.input_size
        small = picture.reformat(*size, format="rgb24").to_ndarray()
        return sum(face.score > SURE for face in self._detector.detect(np.ascontiguousarray(small)))

    def has_slate(self) -> bool:
        """True when a notice stands in for the picture."""
        return self.newest is not None and seen(self.newest).slate


@pytest.fixture(scope="module")
def scene(tmp_path_factory, photos) -> Iterator[tuple[str, Path, Watcher]]:
    """The staged walk with nobody enrolled, the page beside it (its address), and who watches the stream."""
    data = tmp_path_factory.mktemp("phone")
    quick = pytest.MonkeyPatch()
    quick.setattr(pin, "MEMORY_KB", 64)
    quick.setattr(pin, "ROUNDS", 1)
    quick.setenv("MOFY_PHOTOS", str(photos))
    with Mofy(data, "--source", "walk") as mofy:
        quick.setenv("RUNTIME_DIRECTORY", str(data / "mofy"))
        built = control.build(control.Run(data, port=0))
        stop = threading.Event()
        server = threading.Thread(target=built.run, args=(stop,))
        server.start()
        watcher = Watcher(mofy.address)
        awaited(lambda: watcher.newest is not None and not watcher.has_slate())
        yield built.address, data, watcher
        watcher.ended = True
        stop.set()
        server.join(5)
    quick.undo()


@pytest.fixture(params=[("Pixel 7", "en-GB"), ("iPhone SE", "ko-KR")], ids=["large-english", "small-korean"])
def phone(request, scene, browser) -> Iterator[Any]:
    """The live page on a large and on a small phone."""
    address, data, _ = scene
    device, locale = request.param
    context = browser.new_context(**browser.devices[device], locale=locale)
    context.add_cookies([{"name": "mofy", "value": cookie(data), "url": address}])
    tab = context.new_page()
    tab.wrong = []
    tab.on("pageerror", lambda error: tab.wrong.append(str(error)))
    tab.goto(address)
    yield tab
    artefacts = os.environ.get("MOFY_SCREENSHOTS")
    if artefacts:
        tab.screenshot(path=str(Path(artefacts) / f"live-{locale}.png"))
    context.close()


def covered(tab: Any) -> list[Any]:
    """Covered faces, the largest first."""
    found = tab.locator("#faces g.covered").all()
    sizes = [(one, one.locator(".shape").bounding_box(timeout=500)) for one in found]
    return [one for one, box in sorted(sizes, key=lambda pair: -(pair[1] or {"width": 0})["width"]) if box]


def test_a_tap_reveals_a_face_to_who_watches_and_another_covers_it_again(scene, phone):
    from playwright.sync_api import Error

    _, _, watcher = scene
    awaited(lambda: phone.locator("#faces g.covered").count() >= 2)
    assert max(_sampled(watcher, 1.0)) == 0, "nobody is enrolled, and everybody is covered"
    for _ in range(12):
        try:
            covered(phone)[0].dispatch_event("click", timeout=1000)
            phone.locator("[data-act=reveal][data-minutes='60']").tap(timeout=1000)
            phone.locator("#said li.active").wait_for(timeout=5000)
            break
        except (Error, IndexError):
            phone.evaluate("document.getElementById('sheet').close()")
    awaited(lambda: watcher.bare_faces() > 0, 20)
    guest = phone.locator("#faces g.guest")
    guest.first.wait_for()
    guest.first.focus()
    phone.keyboard.press("Enter")
    phone.locator("#sheet form[data-for=guest] .main").press("Enter")
    awaited(lambda: phone.locator("#said li.active").count() == 0)
    time.sleep(0.7)
    assert max(_sampled(watcher, 1.0)) == 0
    assert phone.wrong == []


def test_big_switches_are_obeyed_within_moments(scene, phone):
    _, _, watcher = scene
    phone.locator("[name=mode][value=slate]").tap()
    awaited(watcher.has_slate, 5)
    phone.locator("[name=mode][value=cover-everyone]").tap()
    awaited(lambda: not watcher.has_slate(), 5)
    phone.locator("[value=cover-everyone][aria-pressed=true]").wait_for()
    phone.locator("[name=mode][value=selective]").tap()
    phone.locator("[value=selective][aria-pressed=true]").wait_for()


def _sampled(watcher: Watcher, seconds: float) -> list[int]:
    end_at = time.monotonic() + seconds
    found = []
    while time.monotonic() < end_at:
        found.append(watcher.bare_faces())
        time.sleep(0.1)
    return found
