"""GStreamer, started once and only where it is needed; it comes from the distribution, not from PyPI."""

from __future__ import annotations

import ctypes
import warnings
from contextlib import suppress
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from appliance.errors import MofyError

PACKAGES = "python3-gi python3-gst-1.0 gir1.2-gst-plugins-base-1.0 gir1.2-gst-rtsp-server-1.0"


class GStreamerError(MofyError):
    """GStreamer or its Python binding is not installed, or this Python cannot see it."""


@lru_cache(maxsize=1)
def gst() -> Any:
    """The namespaces Gst, GstApp, GstVideo, GstRtsp, GstRtspServer and GLib, started; raises GStreamerError."""
    _keep_the_unwinder()
    try:
        # Old PyGObject speaks of its own import machinery; there is nothing anybody here could do about it.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import gi

            for name in ("Gst", "GstApp", "GstVideo", "GstRtsp", "GstRtspServer"):
                gi.require_version(name, "1.0")
            from gi.repository import GLib, Gst, GstApp, GstRtsp, GstRtspServer, GstVideo
    except (ImportError, ValueError) as error:
        raise GStreamerError(f"GStreamer is needed for live pictures ({error}): install {PACKAGES}") from None
    Gst.init(None)
    # Without the overrides map() hands out read-only copies, and writing to them would be lost in silence.
    if getattr(Gst.Buffer.map, "__module__", None) != "gi.overrides.Gst":
        raise GStreamerError("GStreamer's Python overrides are missing: install python3-gst-1.0")
    return SimpleNamespace(
        Gst=Gst, GstApp=GstApp, GstVideo=GstVideo, GstRtsp=GstRtsp, GstRtspServer=GstRtspServer, GLib=GLib
    )


def _keep_the_unwinder() -> None:
    """GStreamer brings a second library that unwinds C++ exceptions; found first, it ends the process at the first one.

    Loaded before it, the compiler's own is what LiteRT, greenlets and everybody else go on finding.
    """
    with suppress(OSError):
        ctypes.CDLL("libgcc_s.so.1", mode=ctypes.RTLD_GLOBAL)
