"""A window that fills an X11 desktop, made with libX11 itself: GStreamer's own have borders and the picture's size."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import threading
from functools import lru_cache
from typing import Any

from appliance.errors import SinkError

XA_ATOM = 4
PROP_MODE_REPLACE = 0
_IO_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_HANDLER = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)

_losses: list[int] = []
"""One for each thread that has found its X server gone."""


class Window:
    """Black until something is painted; `handle` is the number that GStreamer paints on."""

    def __init__(self, title: str) -> None:
        """Raises SinkError when there is no desktop."""
        self._x = _library()
        self._losses_before = len(_losses)
        self._display = self._x.XOpenDisplay(None)
        if not self._display:
            where = os.environ.get("DISPLAY")
            raise SinkError(f"hdmi: there is no desktop to open a window on (DISPLAY is {where or 'not set'})")
        screen = self._x.XDefaultScreen(self._display)
        width = self._x.XDisplayWidth(self._display, screen)
        height = self._x.XDisplayHeight(self._display, screen)
        self.size = (width // 2 * 2, height // 2 * 2)
        root = self._x.XRootWindow(self._display, screen)
        black = self._x.XBlackPixel(self._display, screen)
        self.handle: int = self._x.XCreateSimpleWindow(self._display, root, 0, 0, width, height, 0, black, black)
        self._x.XStoreName(self._display, self.handle, title.encode())
        # Asked for before it is seen: a window manager then shows it without borders; without one it fills the screen.
        names = (b"_NET_WM_STATE", b"_NET_WM_STATE_FULLSCREEN")
        state, full = (self._x.XInternAtom(self._display, name, 0) for name in names)
        value = (ctypes.c_ulong * 1)(full)
        self._x.XChangeProperty(self._display, self.handle, state, XA_ATOM, 32, PROP_MODE_REPLACE, value, 1)
        self._x.XMapRaised(self._display, self.handle)
        self._x.XSync(self._display, 0)

    @property
    def gone(self) -> bool:
        """True when the X server has ended, and nothing of the window may be touched any more."""
        return len(_losses) > self._losses_before

    def close(self) -> None:
        """Take the window away; may be called twice."""
        if self._display and not self.gone:
            self._x.XDestroyWindow(self._display, self.handle)
            self._x.XCloseDisplay(self._display)
        self._display = None


def _server_gone(_: Any) -> int:
    """Xlib ends the process when this returns, and the picture must go on: the thread that noticed stays here."""
    _losses.append(threading.get_ident())
    threading.Event().wait()
    return 0


def _complained(_: Any, __: Any) -> int:
    """Left alone, Xlib ends the process over a window that somebody closed."""
    return 0


_handlers = (_IO_HANDLER(_server_gone), _HANDLER(_complained))
"""Kept for as long as the process lives: Xlib calls them at any time."""


@lru_cache(maxsize=1)
def _library() -> Any:
    name = ctypes.util.find_library("X11")
    if name is None:
        raise SinkError("hdmi: a window needs the package libx11-6")
    x = ctypes.CDLL(name)
    pointers, numbers = ctypes.c_void_p, ctypes.c_ulong
    x.XInitThreads()
    for function in ("XOpenDisplay",):
        getattr(x, function).restype = pointers
    for function in ("XRootWindow", "XBlackPixel", "XCreateSimpleWindow", "XInternAtom"):
        getattr(x, function).restype = numbers
    x.XOpenDisplay.argtypes = [ctypes.c_char_p]
    for function in ("XDefaultScreen", "XCloseDisplay"):
        getattr(x, function).argtypes = [pointers]
    for function in ("XDisplayWidth", "XDisplayHeight", "XRootWindow", "XBlackPixel", "XSync"):
        getattr(x, function).argtypes = [pointers, ctypes.c_int]
    for function in ("XMapRaised", "XDestroyWindow"):
        getattr(x, function).argtypes = [pointers, numbers]
    x.XCreateSimpleWindow.argtypes = [pointers, numbers, *[ctypes.c_int] * 2, *[ctypes.c_uint] * 3, *[numbers] * 2]
    x.XStoreName.argtypes = [pointers, numbers, ctypes.c_char_p]
    x.XInternAtom.argtypes = [pointers, ctypes.c_char_p, ctypes.c_int]
    x.XChangeProperty.argtypes = [
        pointers,
        numbers,
        numbers,
        numbers,
        ctypes.c_int,
        ctypes.c_int,
        pointers,
        ctypes.c_int,
    ]
    x.XSetIOErrorHandler(_handlers[0])
    x.XSetErrorHandler(_handlers[1])
    return x
