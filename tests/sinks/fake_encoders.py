"""`python -m tests.sinks.fake_encoders HOW`: which encoders are chosen where there is a v4l2h264enc that is HOW.

HOW: works (it is x264 inside), fails (no device), silent (takes everything, gives nothing). What is printed: the usable
encoders, the element that a stream was really started with, and the profile it gave.
"""

from __future__ import annotations

import sys
import threading

from appliance.gst import gst
from appliance.sinks._audience import Audience
from appliance.sinks._encoders import Wanted, usable
from appliance.sinks._h264 import Encoder

WANTED = Wanted(1000, 30, "constrained-baseline")
INSIDE = {
    "works": "x264enc tune=zerolatency speed-preset=ultrafast",
    "fails": "x264enc ! identity error-after=1",
    "silent": "x264enc ! valve drop=true",
}


def register(how: str) -> None:
    """Put the element into this process's registry."""
    names = gst().Gst
    from gi.repository import GObject

    class Fake(names.Bin):
        """A driver's encoder, as far as launch texts can tell."""

        __gstmetadata__ = ("V4L2 H.264 Encoder", "Codec/Encoder/Video/Hardware", "A fake", "MOFY's tests")
        __gsttemplates__ = (
            names.PadTemplate.new("sink", names.PadDirection.SINK, names.PadPresence.ALWAYS, names.Caps.new_any()),
            names.PadTemplate.new("src", names.PadDirection.SRC, names.PadPresence.ALWAYS, names.Caps.new_any()),
        )
        extra_controls = GObject.Property(type=names.Structure)

        def __init__(self) -> None:
            super().__init__()
            inside = names.parse_bin_from_description(INSIDE[how], True)
            self.add(inside)
            for name in ("sink", "src"):
                self.add_pad(names.GhostPad.new(name, inside.get_static_pad(name)))

    assert names.Element.register(None, "v4l2h264enc", names.Rank.PRIMARY, Fake)


def main() -> None:
    """Tell what is chosen, and what a stream is really made by."""
    from tests.contracts.test_sinks import masked

    register(sys.argv[1])
    came = threading.Event()

    class Ear(Audience):
        def send(self, unit: object, at_ns: int) -> None:
            came.set()

    encoder = Encoder(WANTED, 30, Ear())
    for index in range(30):
        encoder.write(masked(320, 240), 1.0 + index / 30)
    factories = {element.get_factory().get_name() for element in encoder._pipeline.iterate_elements()}
    made_by = factories & {"v4l2h264enc", "x264enc"}
    sys.stdout.write(" ".join((*usable(WANTED), "|", *made_by, "|", str(came.wait(5)))) + "\n")
    encoder.close()


if __name__ == "__main__":
    main()
