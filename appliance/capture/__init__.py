"""Cameras and what stands in for them: each file has `build(source, camera, loop, patient)`."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from appliance import parts
from appliance.core.frames import Frame
from appliance.errors import CaptureError, MofyError
from appliance.options import Camera

LIVE_MEDIA = "gstreamer"
"""The part that serves every source which is not a part's own name: devices, files, addresses, the test picture."""


class SourceEndError(CaptureError):
    """A file has come to its end: the one way for a source to stop that is no fault."""


class NewStartError(MofyError):
    """The camera is there, and only a new process will find it: no reason to wait in this one."""


class Capture(Protocol):
    """An open source. One thread reads it."""

    def read(self, timeout_s: float) -> Frame | None:
        """The newest frame, of its own writable memory; None when there was none within so many seconds.

        A source that may come back (a camera, an address) is waited for with None. Raises SourceEndError at the end
        of a file, CaptureError when the source is gone for good, and NewStartError.
        """

    def close(self) -> None:
        """Let go of the device; may be called twice, and while nobody reads."""


def build(source: str, camera: Camera, loop: bool = False, patient: bool = False) -> Capture:
    """Open a source and wait for its first frame; raises InputError or CaptureError that names it.

    loop: a file begins again at its end. patient: a camera that is not there yet is waited for, with None.
    """
    own = source.partition(":")[0]
    name = own if own in parts.names("capture") else LIVE_MEDIA
    opened: Capture = parts.part("capture", name).build(source, camera, loop, patient)
    return opened


def told(source: str) -> str:
    """The source as it may be shown: an address without user and password."""
    if "://" not in source:
        return source
    parts = urlsplit(source)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
