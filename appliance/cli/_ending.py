"""The end of a command that another one has started."""

from __future__ import annotations

import os
import threading


def stop_at_eof(stop: threading.Event) -> None:
    """Set the event when standard input ends, in a thread of its own: `mofy run` holds it open while it lives."""
    threading.Thread(target=_wait, args=(stop,), daemon=True).start()


def _wait(stop: threading.Event) -> None:
    # Not sys.stdin: its lock, held by a daemon thread, would hinder the interpreter's end.
    while os.read(0, 1024):
        pass
    stop.set()
