"""The page in a real browser, at a phone's size: what the script and the styles do."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from appliance import control
from appliance.sinks.preview import NAME
from appliance.status import TrackStatus
from appliance.store import Desired, Store
from tests.web.conftest import RUNNING, cookie, with_browser
from web import pin

TOUCH_PX = 44

pytestmark = with_browser


@pytest.fixture
def served(page, monkeypatch):
    """The page of `page`'s box, served; its address."""
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(page.box.runtime))
    built = control.build(control.Run(page.box.data, port=0))
    stop = threading.Event()
    thread = threading.Thread(target=built.run, args=(stop,))
    thread.start()
    yield built.address
    stop.set()
    thread.join(5)


@pytest.fixture
def phone(page, served, browser):
    """Opens the page on a phone: phone(width=320, locale="ko-KR", ...); what it complained of is in `.wrong`."""
    contexts = []

    def opened(width: int = 393, height: int = 740, **options: Any) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height}, is_mobile=True, has_touch=True, **options
        )
        contexts.append(context)
        context.add_cookies([{"name": "mofy", "value": cookie(page.box.data), "url": served}])
        tab = context.new_page()
        tab.wrong = []
        tab.on("console", lambda message: tab.wrong.append(message.text))
        tab.on("pageerror", lambda error: tab.wrong.append(str(error)))
        tab.goto(served)
        return tab

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("width", "locale", "scheme"),
    [(320, "en-GB", "light"), (320, "ko-KR", "dark"), (740, "en-GB", "dark"), (740, "ko-KR", "light")],
)
def test_it_fits_and_can_be_touched(page, phone, width, locale, scheme):
    page.enrol("Wolfeschlegelsteinhausenbergerdorff-Montgomery the Third of His Unbreakable Name")
    page.enrol("김수한무거북이와두루미")
    page.engine_says(
        replace(RUNNING, faults=("/var/lib/mofy/recordings/a-very-long-file-name-without-a-break.mp4: full",))
    )
    tab = phone(width, 568, locale=locale, color_scheme=scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    boxes = tab.evaluate("""[...document.querySelectorAll('button, a:not(.skip)')].map((element) => {
        const { width, height } = element.getBoundingClientRect();
        return [width, height];
    })""")
    seen = [box for box in boxes if box[0]]
    assert len(seen) >= 6 + tab.locator(".places a").count()
    assert min(min(box) for box in seen) >= TOUCH_PX
    # On a machine that is slow just now the preview may be too old to be given.
    assert [one for one in tab.wrong if "404" not in one] == []


def test_the_picture_and_the_words_follow_the_engine(page, phone):
    anna = page.enrol("Anna")
    tab = phone()
    page.engine_says()  # now, not before: a browser may take longer to start than a report is believed
    tab.locator("#preview").wait_for(state="visible")
    assert (
        tab.locator("#preview").evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") == 64
    )
    page.engine_says(replace(RUNNING, covered=42, tracks=(TrackStatus(1, (0, 0, 9, 9), anna.id),)))
    tab.get_by_text("42").wait_for()
    tab.get_by_text("in the picture").wait_for()
    (page.box.runtime / NAME).unlink()
    page.engine_says(replace(RUNNING, state="no-picture", faults=("<b>lens</b>",)), preview=False)
    tab.locator("#no-preview").wait_for(state="visible")
    tab.get_by_text("<b>lens</b>").wait_for()
    assert not tab.locator("#preview").is_visible()
    assert [word for word in tab.wrong if "404" not in word] == [], "it may have asked for the picture just gone"


def test_a_tap_covers_everyone(page, phone):
    page.engine_says()
    tab = phone()
    tab.get_by_role("button", name="Cover everyone").tap()
    tab.locator("[value=cover-everyone][aria-pressed=true]").wait_for()
    assert Desired(page.box.data).settings() == {"mode": "cover-everyone"}


def test_a_switch_that_somebody_else_pressed_moves_here_too(page, phone):
    page.enrol("Anna")
    page.engine_says()
    tab = phone()
    anna = tab.get_by_role("switch", name="Anna")
    assert anna.get_attribute("aria-checked") == "true"
    Store.open(page.box.data).change("Anna", "test", enabled=False)
    tab.locator("[role=switch][aria-checked=false]").wait_for()
    tab.get_by_role("switch", name="Anna").tap()
    tab.locator("[role=switch][aria-checked=true]").wait_for()
    assert Store.open(page.box.data).known("Anna").enabled


def test_a_button_that_was_tapped_twice_is_pressed_once(page, phone):
    tab = phone()
    tab.goto(tab.url + "people")
    stopped = tab.evaluate("""() => {
        const stopped = [];
        addEventListener("submit", (event) => { stopped.push(event.defaultPrevented); event.preventDefault(); });
        const button = document.querySelector("form[action='/guests'] button");
        button.click();
        button.click();
        document.querySelector("form[action='/enrol'] button").click();
        return stopped;
    }""")
    assert stopped == [False, True, False]


def test_who_was_logged_out_meanwhile_enters_the_pin_and_finds_his_photos_page_again(page, phone):
    tab = phone()
    tab.goto(tab.url + "people")
    tab.locator("form[action='/enrol'] button").tap()
    tab.wait_for_url("**/enrol/*")
    draft = tab.url
    pin.log_everybody_out(page.box.data)
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": bytes(500_000)}
    tab.locator(".pick input").nth(2).set_input_files(photo)
    tab.locator("#pin").fill(pin.change(page.box.data))
    tab.locator("form[action='/login'] button").tap()
    tab.wait_for_url(draft)


def test_it_works_without_a_script(page, phone):
    page.enrol("Anna")
    page.engine_says()
    tab = phone(java_script_enabled=False, locale="ko-KR")
    tab.get_by_role("switch", name="Anna").tap()
    tab.locator("[role=switch][aria-checked=false]").wait_for()
    tab.get_by_role("button", name="모두 가리기").tap()
    tab.locator("[value=cover-everyone][aria-pressed=true]").wait_for()
    assert [one for one in tab.wrong if "404" not in one] == []


def test_the_app_says_that_the_box_is_away_and_comes_back(page, phone, served):
    page.engine_says()
    tab = phone()
    tab.evaluate("navigator.serviceWorker.ready.then(() => true)")
    tab.context.set_offline(True)
    tab.goto(served)
    assert tab.get_by_role("heading", name="The box is not reachable").is_visible()
    tab.context.set_offline(False)
    tab.locator("#live").wait_for()


def test_the_first_look_is_light(page, phone, served):
    """Everything that the live page needs, its first picture aside, in bytes on the line."""
    page.engine_says()
    tab = phone()
    context = tab.context
    fresh, sizes = context.new_page(), {}
    fresh.on("response", lambda answer: sizes.setdefault(answer.url.partition("?")[0], len(answer.body())))
    fresh.goto(served)
    fresh.wait_for_load_state("load")
    weight = sum(size for address, size in sizes.items() if not address.endswith((".webp", "status.json")))
    assert weight < 100_000, sizes
