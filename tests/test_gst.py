"""GStreamer beside libraries that throw C++ exceptions."""

from __future__ import annotations

import subprocess
import sys

from tests.mofy_process import CHECKOUT, needs_gstreamer

UNWINDER = """
import ctypes
from pathlib import Path
from appliance.gst import gst
gst()
at = ctypes.cast(ctypes.CDLL(None)._Unwind_RaiseException, ctypes.c_void_p).value
for line in Path("/proc/self/maps").read_text().splitlines():
    begin, end = (int(side, 16) for side in line.split()[0].split("-"))
    if begin <= at < end:
        print(line.split()[-1])
"""


@needs_gstreamer
def test_exceptions_are_unwound_by_the_compilers_own_library():
    """By the one that GStreamer brings, LiteRT's first complaint has been seen to end the process."""
    run = subprocess.run(
        [sys.executable, "-c", UNWINDER], cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=True
    )
    assert "libgcc_s" in run.stdout
