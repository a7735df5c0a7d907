"""Whole visits with a small and a large phone, real photos and the real decoder: what a crew does in the field.

Screenshots of every station are kept under pytest's folder, and under out/phone of the checkout for people to look at.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from appliance import control
from appliance.store import Store
from tests.mofy_process import CHECKOUT
from tests.web.conftest import with_browser
from tests.web.test_browser import TOUCH_PX
from web import pin

SIZES = {"small": (320, 568), "large": (430, 932)}
SHOTS = CHECKOUT / "out" / "phone"

TOO_SMALL = """(least) => [...document.querySelectorAll('button, summary, .pick, .places a, select')]
    .filter((one) => one.offsetParent !== null)
    .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
    .filter(([, box]) => box.height < least || box.width < least)
    .map(([text]) => text)"""

pytestmark = with_browser


class Phone:
    """One phone, with what is needed to look at every page it comes to."""

    def __init__(self, browser: Any, size: str, address: str, **options: Any) -> None:
        width, height = SIZES[size]
        screen = {"width": width, "height": height}
        context = browser.new_context(viewport=screen, is_mobile=True, has_touch=True, device_scale_factor=2, **options)
        self.tab = context.new_page()
        self.wrong: list[str] = []
        self.tab.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.tab.on("console", lambda message: self._heard(message.text))
        self._kind = f"{size}-{options.get('locale', 'en')[:2]}"
        self._width, self._address = width, address

    def _heard(self, text: str) -> None:
        if "Content Security Policy" in text or "Refused" in text:
            self.wrong.append(text)

    def go(self, path: str = "") -> None:
        """Open a page of the box."""
        self.tab.goto(self._address + path)

    def log_in(self, data: Path) -> None:
        """With the PIN."""
        self.go()
        self.tab.locator("#pin").fill(pin.first(data) or pin.change(data))
        self.tab.locator("form.card button").tap()
        self.tab.wait_for_url(self._address)

    def press(self, name: str, until: str) -> None:
        """A button or link, and wait until something is there."""
        self.tab.locator(f"button:visible:has-text('{name}'), a:visible:has-text('{name}')").first.tap()
        self.tab.wait_for_selector(until)

    def choose(self, *files: Path) -> None:
        """Files from the gallery, and wait for their verdicts."""
        before = self.tab.locator(".photos > li").count()
        self.tab.locator(".pick input").nth(2).set_input_files([str(file) for file in files])
        self.tab.locator(".photos > li").nth(before + len(files) - 1).wait_for(timeout=90_000)

    def look(self, name: str) -> None:
        """Keep a picture, and hold the page against what every page must be."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.tab.screenshot(path=str(SHOTS / f"{name}-{self._kind}.png"), full_page=True)
        assert self.tab.evaluate("document.documentElement.scrollWidth") <= self._width, name
        small = self.tab.evaluate(TOO_SMALL, TOUCH_PX)
        assert small == [], name
        assert broken(self.tab) == [], name
        assert self.wrong == [], name


def broken(tab: Any) -> list[str]:
    """What axe finds wrong with a page for those who use it in other ways."""
    pytest.importorskip("axe_playwright_python")
    from axe_playwright_python.sync_playwright import Axe

    # axe's script is put in by the test, past the page's own policy.
    found = Axe().run(tab).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A box's page; its address and data folder."""
    folder = tmp_path_factory.mktemp("box")
    patch = pytest.MonkeyPatch()
    patch.setenv("RUNTIME_DIRECTORY", str(folder / "run"))
    patch.setattr(pin, "MEMORY_KB", 64)
    built = control.build(control.Run(folder / "data", port=0))
    stop = threading.Event()
    thread = threading.Thread(target=built.run, args=(stop,))
    thread.start()
    yield built.address, folder / "data"
    stop.set()
    thread.join(5)
    patch.undo()


@pytest.fixture(scope="module")
def pictures(photos, tmp_path_factory) -> dict[str, Path]:
    """Photos and a clip as phones send them."""
    folder = tmp_path_factory.mktemp("pictures")
    found = {name: photos / f"{name}.jpg" for name in ("obama", "obama2", "biden")}
    with Image.open(photos / "obama.jpg") as picture:
        picture.convert("RGB").point(lambda value: value * 0.12).save(folder / "dark.jpg")
    with Image.open(photos / "obama2.jpg") as picture:
        exif = Image.Exif()
        exif[0x0112] = 6
        picture.convert("RGB").rotate(90, expand=True).save(folder / "turned.jpg", exif=exif)
    (folder / "rubbish.jpg").write_bytes(b"\xff\xd8\xff rubbish")
    return found | {name: folder / f"{name}.jpg" for name in ("dark", "turned", "rubbish")}


@pytest.mark.parametrize(("size", "locale"), [("small", "ko-KR"), ("large", "en-GB")])
def test_first_contact_enrol_with_a_bad_photo_and_delete(browser, served, pictures, size, locale):
    address, data = served
    korean = locale == "ko-KR"
    phone = Phone(browser, size, address, locale=locale, color_scheme="dark" if korean else "light")
    phone.go()
    phone.look("login")
    phone.log_in(data)
    phone.go("people")
    phone.look("nobody")
    phone.press("등록" if korean else "Enrol", "#enrol")
    phone.look("enrol")
    phone.choose(pictures["obama"], pictures["dark"], pictures["turned"], pictures["rubbish"])
    phone.look("verdicts")
    assert phone.tab.locator(".photos .used").count() == 2
    assert phone.tab.locator(".photos .unused").count() == 2
    assert ("너무 어둡습니다" if korean else "Too dark") in phone.tab.locator(".photos").inner_text()
    phone.tab.locator("#name").fill("버락" if korean else "Barack")
    phone.press("저장" if korean else "Save", ".grid img")
    phone.look("person")
    (person,) = Store.open(data).people()
    assert person.photos == 2
    phone.go("people")
    phone.look("people")
    phone.tab.get_by_role("switch", name=person.name).tap()
    phone.tab.locator("[role=switch][aria-checked=false]").wait_for()
    assert not Store.open(data).people()[0].enabled
    for path, name in (("people-all", "everybody"), ("access", "access")):
        phone.go(path)
        phone.look(name)
    phone.go(f"people/{person.id}")
    phone.tab.locator(".danger summary").tap()
    phone.tab.locator(".danger button").tap()
    phone.tab.wait_for_selector(".note.done")
    assert Store.open(data).people() == []


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_a_guest_enrols_with_a_clip_and_deletes_himself(browser, served, pictures, tmp_path):
    address, data = served
    clip = tmp_path / "selfie.mp4"
    zoom = "zoompan=z='1+0.002*on':x='iw/2-iw/zoom/2+20*sin(on/8)':d=1:s=640x800:fps=15"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-loop", "1", "-t", "3", "-i", str(pictures["obama"]), "-vf", zoom,
         "-pix_fmt", "yuv420p", str(clip)], check=True, timeout=60,
    )  # fmt: skip
    operator = Phone(browser, "large", address, locale="en-GB")
    operator.log_in(data)
    operator.go("people")
    operator.press("Make a link", ".qr")
    operator.look("invitation")
    link = operator.tab.locator(".code code").inner_text()
    guest = Phone(browser, "small", address, locale="ko-KR")
    guest.tab.goto(link)
    guest.look("welcome")
    guest.press("계속", ".danger")
    guest.look("me-before")
    guest.press("시작", "#enrol")
    guest.choose(clip)
    guest.look("clip")
    assert "영상" in guest.tab.locator(".photos").inner_text()
    guest.tab.locator("#name").fill("게스트")
    guest.press("저장", "img.face")
    guest.look("me")
    assert [one.name for one in Store.open(data).people()] == ["게스트"]
    stranger = Phone(browser, "small", address, locale="ko-KR")
    stranger.tab.goto(link)
    stranger.look("expired")
    guest.tab.locator(".danger summary").tap()
    guest.tab.locator(".danger button").tap()
    guest.tab.wait_for_selector("main.fault")
    assert Store.open(data).people() == []


def test_the_judge_of_pages_has_eyes(browser, served):
    """A fault that is put in is found: an empty list of axe's means something."""
    phone = Phone(browser, "small", served[0], locale="en-GB")
    phone.go()
    assert broken(phone.tab) == []
    phone.tab.evaluate("document.querySelector('label').remove()")
    assert broken(phone.tab) != []


def test_without_a_script_photos_are_sent_by_a_form(browser, served, pictures):
    address, data = served
    phone = Phone(browser, "small", address, locale="en-GB", java_script_enabled=False)
    phone.log_in(data)
    phone.go("people")
    phone.press("Enrol", "#enrol")
    phone.tab.locator(".pick input").nth(2).set_input_files([str(pictures["obama"]), str(pictures["obama2"])])
    phone.tab.locator("noscript button, .add button").first.tap()
    phone.tab.wait_for_selector(".photos .used")
    assert phone.tab.locator(".photos .used").count() == 2
