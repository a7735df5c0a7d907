"""`python -m tests.benchmarks.enrolling`: how soon photos get their verdicts, and what the stream pays for it.

A whole box (`mofy run` on the staged scene, its page) and one viewer; five photos of 12 megapixels are sent one after
the other, each as soon as the one before was answered. Needs the staged scene's photos. Take it on an idle machine.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from PIL import Image

from appliance import scene_photos
from tests.mofy_process import CHECKOUT, Mofy, Viewer
from tests.page_visitor import PageVisitor
from tests.ports import free_port

PHOTOS = ("obama", "obama2", "obama3", "biden", "obama_partial_face")
SIZE = (4000, 3000)
SETTLED_S, ALONE_S = 5.0, 10.0
"""Until the stream runs evenly, and how long it is then watched before anything is sent."""

CHOOSING_S = 3.0
"""From opening the page that takes photos to the first photo: nobody's thumb is quicker."""


def main() -> None:
    """Measure, and print a line each."""
    folder = CHECKOUT / ".cache" / "photos"
    if missing := scene_photos.missing(folder):
        sys.exit(f"not measured: {', '.join(missing)} are not here; ./install.sh setup fetches them")
    with tempfile.TemporaryDirectory() as place:
        photos = [_enlarged(folder / f"{name}.jpg", Path(place)) for name in PHOTOS]
        with _box(Path(place) / "box", folder) as (visitor, viewer):
            time.sleep(SETTLED_S)
            alone = _rate(viewer, *_during(ALONE_S))
            draft, token = _begun(visitor)
            time.sleep(CHOOSING_S)
            began = time.monotonic()
            took = [_verdict(visitor, draft, photo, token) for photo in photos]
            at_work = _rate(viewer, began, time.monotonic())
    print(f"verdicts on photos of 12 megapixels: {', '.join(f'{seconds:.2f}' for seconds in took)} s")
    print(f"stream: {alone:.1f} frames a second before, {at_work:.1f} meanwhile")
    print(f"load {os.getloadavg()[0]:.1f} on {psutil.cpu_count()} processors")


@contextmanager
def _box(data: Path, photos: Path) -> Iterator[tuple[PageVisitor, Viewer]]:
    os.environ["MOFY_PHOTOS"] = str(photos)
    port = free_port()
    with Mofy(data, "--source", "walk", "--page", "--page-port", str(port)) as box:
        yield _visitor(f"http://127.0.0.1:{port}/", data), Viewer(box.address)
        box.stop()


def _visitor(address: str, data: Path) -> PageVisitor:
    """Somebody with the PIN, as soon as the page answers."""
    end_at = time.monotonic() + 30
    while True:
        try:
            return PageVisitor(address, data)
        except OSError:
            if time.monotonic() > end_at:
                raise
            time.sleep(0.2)


def _begun(visitor: PageVisitor) -> tuple[str, str]:
    """Where photos are sent to, and what its forms are signed with."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("people"))[1]
    return re.search(r"/(enrol/[\w-]+)/photos", visitor.post("enrol", csrf_token=token))[1], token


def _verdict(visitor: PageVisitor, draft: str, photo: Path, token: str) -> float:
    """Seconds from sending a photo to its verdict."""
    began = time.monotonic()
    listed = visitor.send(f"{draft}/photos", photo, csrf_token=token)
    assert photo.name in listed, "the photo was not taken"
    return time.monotonic() - began


def _enlarged(photo: Path, folder: Path) -> Path:
    with Image.open(photo) as picture:
        made = folder / photo.name
        picture.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC).save(made, quality=92)
    return made


def _during(seconds: float) -> tuple[float, float]:
    began = time.monotonic()
    time.sleep(seconds)
    return began, time.monotonic()


def _rate(viewer: Viewer, began: float, ended: float) -> float:
    """Frames a second that reached the viewer."""
    return sum(began <= one.at < ended for one in viewer.seen) / (ended - began)


if __name__ == "__main__":
    main()
