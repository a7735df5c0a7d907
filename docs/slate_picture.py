"""Writes docs/slates.jpg: what a display at HDMI shows at the first start, and when the camera is lost. Nobody is real.

.venv/bin/python docs/slate_picture.py
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from appliance.core.frames import Frame, rgb_of
from appliance.core.slate import Code, LocalNotice, LocalPicture, Notice, Place, Secret, SecretCode, local_slate, slate
from appliance.live import words
from appliance.live.notices import modules
from appliance.live.words import Situation

PAGE, STREAM = "http://192.168.0.12:8080", "rtsp://192.168.0.12:8554/live"
WIDTH, HEIGHT, GAP = 1280, 720, 24


def notice(which: Situation) -> Notice:
    """What the engine would say, of addresses that are nobody's."""
    places = (Place(words.label("page", "both"), PAGE), Place(words.label("stream", "both"), STREAM))
    codes = (Code(words.label("open page", "both"), modules(PAGE)),)
    alert = which in words.ALERTS
    return Notice("MOFY", words.situation(which, "both"), "2026-11-23 09:00", places, codes, alert)


def rgb(picture: Frame | LocalPicture) -> np.ndarray:
    """As an array of OpenCV's."""
    return np.ascontiguousarray(rgb_of(picture.y, picture.u, picture.v)[:, :, ::-1])


def main() -> None:
    """Beside each other: the display's own slate, and the one that leaves the box without an address."""
    secret = SecretCode(words.label("watch", "both"), modules("rtsp://mofy:not-a-password@192.168.0.12:8554/live"))
    local = LocalNotice(notice("starting"), (Secret(words.label("pin", "both"), "482913"),), (secret,))
    lost = notice("camera-lost")
    public = Notice(lost.name, lost.words, lost.clock, alert=lost.alert)
    gap = np.full((HEIGHT, GAP, 3), 255, np.uint8)
    whole = np.hstack([rgb(local_slate(local, WIDTH, HEIGHT)), gap, rgb(slate(public, WIDTH, HEIGHT))])
    small = cv2.resize(whole, (whole.shape[1] * 2 // 3, whole.shape[0] * 2 // 3), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(Path(__file__).parent / "slates.jpg"), small, [cv2.IMWRITE_JPEG_QUALITY, 84])


if __name__ == "__main__":
    main()
