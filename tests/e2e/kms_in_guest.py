"""What `tests.e2e.kms_guest` runs inside its virtual machine: the HDMI sink on the kernel's own display driver.

Each line on the serial console that begins with `STEP` tells the host what is on the screen now.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from appliance.config import load
from appliance.core.veiling import veil
from appliance.masks import MaskOptions, mosaic
from appliance.sinks.hdmi import HdmiSink
from tests.core.test_slate import LOCAL
from tests.striped import stripes

PATIENCE_S = 60.0
"""An emulated processor opens a display slowly."""


def switch(status: str) -> None:
    """Plug (detect) or unplug (off) the display."""
    for connector in Path("/sys/class/drm").glob("card*-*"):
        (connector / "status").write_text(status)


def feed(sink: HdmiSink, what: object, until: object, least_s: float = 3.0) -> float:
    """Give it pictures until it is so and a little longer; the slowest write in seconds."""
    began, slowest, since = time.monotonic(), 0.0, None
    while since is None or time.monotonic() - since < least_s:
        assert time.monotonic() - began < PATIENCE_S, (sink.display, sink.fault)
        before = time.monotonic()
        sink.tell(LOCAL) if what is LOCAL else sink.write(replace(what, captured_at=before))
        slowest = max(slowest, time.monotonic() - before)
        if since is None and until():
            since = time.monotonic()
        time.sleep(0.1)
    return slowest


def say(step: str, sink: HdmiSink, slowest: float) -> None:
    """Tell the host, and give it time to look."""
    sys.stdin.readline()


def main() -> None:
    """Unplugged at the start, plugged in, a slate, unplugged, plugged in again."""
    picture = veil(stripes(640, 480), (), mosaic.build(MaskOptions()))
    switch("off")
    sink = HdmiSink(load(changes={"hdmi": {"output": "kms"}}).hdmi)
    say("nothing", sink, feed(sink, picture, lambda: True))
    switch("detect")
    say("picture", sink, feed(sink, picture, lambda: sink.display))
    say("slate", sink, feed(sink, LOCAL, lambda: True))
    switch("off")
    say("unplugged", sink, feed(sink, picture, lambda: not sink.display))
    switch("detect")
    say("again", sink, feed(sink, picture, lambda: sink.display))
    sink.close()


if __name__ == "__main__":
    main()
