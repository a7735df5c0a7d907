"""Photos and videos from a phone, with a real browser and a real worker: sent, covered, compared, saved, deleted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import control
from appliance.files import pictures
from appliance.jobs.shelf import Shelf
from tests.jobs.conftest import DRAWING, options
from tests.jobs.test_service import Worker
from tests.mofy_process import clip
from tests.web.conftest import browser, cookie, with_browser
from web import pin

__all__ = ["browser"]

pytestmark = with_browser

DONE_MS = 60_000


@pytest.fixture
def served(tmp_path, monkeypatch) -> Iterator[tuple[str, Path]]:
    """A page without an engine, and its worker."""
    monkeypatch.setattr(pin, "MEMORY_KB", 64)
    monkeypatch.setattr(pin, "ROUNDS", 1)
    data, runtime = tmp_path / "data", tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(runtime))
    built = control.build(control.Run(data, port=0, config=options()))
    stop = threading.Event()
    server = threading.Thread(target=built.run, args=(stop,))
    server.start()
    with Worker(data):
        yield built.address, data
    stop.set()
    server.join(5)


def test_a_photo_and_a_video_are_covered_on_the_way_to_the_phone_and_back(served, browser, tmp_path):
    address, data = served
    context = browser.new_context(**browser.devices["Pixel 7"], locale="ko-KR")
    context.add_cookies([{"name": "mofy", "value": cookie(data), "url": address}])
    tab = context.new_page()
    wrong: list[str] = []
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.goto(f"{address}files")
    (tmp_path / "notes.txt").write_text("neither photo nor video")
    (tmp_path / "empty.jpg").touch()
    sent = [tmp_path / "empty.jpg", DRAWING, clip(tmp_path / "walk.mp4", 2.0), tmp_path / "notes.txt"]
    tab.locator("#choose").set_input_files(sent)
    context.set_offline(True)
    tab.locator("#send button.main").tap()
    tab.locator("#jobs li", has_text="연결이 끊겼습니다").wait_for()
    assert tab.locator("#jobs li").count() == len(sent), "what waits is listed"
    context.set_offline(False)
    tab.locator("#jobs li.done").nth(1).wait_for(timeout=DONE_MS)
    told = tab.locator("#jobs li.failed .about").all_inner_texts()
    assert sorted(words[:5] for words in told) == ["받지 않음", "사진(JP"], "what was refused stays to be read"
    assert tab.locator("#nobody-works").is_hidden()

    tab.locator("#jobs li", has_text="demo.jpg").locator("a").tap()
    tab.locator("#before").wait_for()
    tab.locator("#slider").fill("100")
    assert tab.locator("#before").evaluate("(image) => image.style.clipPath") == "inset(0px 0% 0px 0px)"
    with tab.expect_download() as saved:
        tab.locator("a[download]").tap()
    masked = tmp_path / saved.value.suggested_filename
    saved.value.save_as(masked)
    assert masked.name == "demo-masked.jpg"
    assert pictures.load(masked).rgb.shape == pictures.load(DRAWING).rgb.shape

    tab.goto(f"{address}files")
    tab.locator("#jobs li", has_text="walk.mp4").locator("a").tap()
    tab.locator("video").evaluate("(film) => new Promise((known) => { film.onloadedmetadata = known; film.load(); })")
    length = tab.locator("video").evaluate("(film) => film.duration")
    assert 1.9 < length < 2.1
    tab.locator("button.grave").tap()
    tab.wait_for_url("**/files")
    shelf = Shelf(data, options().jobs)
    assert sorted(job.record.name for job in shelf.jobs()) == ["demo.jpg", "notes.txt"]
    assert wrong == []
