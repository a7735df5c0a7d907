"""Takes docs/page.jpg: the phone page in a browser, with drawn people in place of a camera. Nobody is real.

.venv/bin/python docs/page_picture.py    (needs Chromium and the packages of the tests)
"""

from __future__ import annotations

import io
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from picture import HEIGHT, PEOPLE, SHOWN, WIDTH, face, rgb, street

from appliance import config, control, status
from appliance.core.veiling import Cover, veil
from appliance.jobs import work
from appliance.jobs.shelf import Shelf
from appliance.masks import MaskOptions, mosaic
from appliance.sinks import preview
from appliance.status import Status, TrackStatus
from appliance.store import Store
from appliance.store.people import Template
from web import pin

DOCS = Path(__file__).parent
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 760}, "is_mobile": True, "has_touch": True}
SWITCHES = ("--no-sandbox", "--disable-gpu", "--no-first-run")
GAP_PX = 24


def engine(data: Path, runtime: Path, person: str, stop: threading.Event) -> None:
    """Report and preview of the drawn street, as an engine would give them, until stopped."""
    covers = [
        Cover(face(*one[:3]).grown(0.2 * one[2], 0.2 * one[2]), number)
        for number, one in enumerate(PEOPLE)
        if number != SHOWN
    ]
    jpeg = preview.jpeg(veil(street(), covers, mosaic.build(MaskOptions())))
    tracks = []
    for number, one in enumerate(PEOPLE):
        box = face(*one[:3])
        corners = (round(box.x0), round(box.y0), round(box.x1), round(box.y1))
        tracks.append(TrackStatus(number + 1, corners, person if number == SHOWN else None))
    while not stop.is_set():
        (runtime / preview.NAME).write_bytes(jpeg)
        word = Status("running", time.time(), os.getpid(), "0.1.0", "/dev/video0", "rtsp://127.0.0.1:8554/live", WIDTH,
                      HEIGHT, fps=30.0, covered=len(covers), shown=1, tracks=tuple(tracks), run="r", people=1,
                      clients=2, temperature_c=54.0)  # fmt: skip
        status.write(word, runtime)
        stop.wait(0.3)


def sent(data: Path) -> None:
    """The drawn street as a photo that was sent and redacted."""
    raw = street()
    _, photo = cv2.imencode(".jpg", rgb(raw.y, raw.u, raw.v)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
    loaded = config.load()
    shelf = Shelf(data, loaded.jobs)
    record = shelf.begin("street.jpg", photo.nbytes, (), {}, "")
    shelf.receive(record.id, 0, io.BytesIO(photo.tobytes()), photo.nbytes)
    work.do(work.Bench(data, loaded), record.id)


def pictures(address: str, data: Path) -> list[np.ndarray]:
    """The live page, a face tapped, and the files in Korean by night."""
    from playwright.sync_api import sync_playwright

    found = []
    code = pin.change(data)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=list(SWITCHES))
        for locale, scheme in (("en-GB", "light"), ("ko-KR", "dark")):
            tab = browser.new_context(locale=locale, color_scheme=scheme, **PHONE).new_page()
            tab.goto(address)
            tab.locator("#pin").fill(code)
            tab.locator("main button.main").tap()
            tab.locator("#faces g").first.wait_for()
            if locale == "en-GB":
                found.append(tab.screenshot())
                tab.locator("#faces g.covered").first.dispatch_event("click")
                tab.wait_for_timeout(300)
            else:
                tab.goto(f"{address}files")
                tab.wait_for_timeout(500)
            found.append(tab.screenshot())
        browser.close()
    return [cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR) for png in found]


def main() -> None:
    """Three phones beside each other."""
    with tempfile.TemporaryDirectory() as folder:
        data, runtime = Path(folder) / "data", Path(folder) / "run"
        runtime.mkdir()
        os.environ["RUNTIME_DIRECTORY"] = str(runtime)
        looks = np.random.default_rng(1).normal(size=512).astype(np.float32)
        template = Template("drawn", looks / np.linalg.norm(looks), np.zeros((112, 112, 3), np.uint8), 0.9, 0.1)
        person = Store.open(data, create=True).enrol("Minji", [template], "picture").id
        sent(data)
        stop = threading.Event()
        served = control.build(control.Run(data, port=0))
        threads = [
            threading.Thread(target=engine, args=(data, runtime, person, stop)),
            threading.Thread(target=served.run, args=(stop,)),
        ]
        for thread in threads:
            thread.start()
        try:
            shots = pictures(served.address, data)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    gap = np.full((shots[0].shape[0], GAP_PX, 3), 255, np.uint8)
    whole = np.hstack([shots[0], gap, shots[1], gap, shots[2]])
    cv2.imwrite(str(DOCS / "page.jpg"), whole, [cv2.IMWRITE_JPEG_QUALITY, 86])


if __name__ == "__main__":
    main()
