"""The RTSP server: who may watch, what each path gives, and the thread that answers."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance.core.sound import SoundFormat
from appliance.errors import SinkError
from appliance.gst import gst
from appliance.options import Rtsp
from appliance.sinks import Login
from appliance.sinks._audience import Audience, Feed
from appliance.sinks._formats import H264, caps

SESSIONS_CLEANED_S = 5
"""How often vanished clients are looked for."""

CLIENT_THREADS = 8
"""Threads that answer clients: one that is slow to connect does not hold up the next."""

KNOCKING = 128
"""Connections that may come at the same moment: one more, and the kernel lets it wait for a second."""

MOST_SESSIONS = 256
"""Clients at the same time, at most."""

REALM = "MOFY"
VIEWER = "viewer"
"""The one role there is: it may watch everything."""

CLOSING_S = 1.0
"""How long the server may take to say goodbye."""


@dataclass(frozen=True, slots=True)
class Guard:
    """What stands between the streams and the network."""

    login: Login | None = None
    certificate: Path | None = None


@dataclass(frozen=True, slots=True)
class Mount:
    """What a path gives."""

    audience: Audience
    sound: SoundFormat | None = None


class Server:
    """The RTSP server and its main loop."""

    def __init__(self, options: Rtsp, mounts: Mapping[str, Mount], guard: Guard) -> None:
        """mounts: who is fed, by path."""
        names = gst()
        self._lib = names.GstRtspServer
        self._server = self._lib.RTSPServer()
        self._server.set_address(options.address)
        self._server.set_service(str(options.port))
        self._server.set_backlog(KNOCKING)
        self._server.get_session_pool().set_max_sessions(MOST_SESSIONS)
        threads = self._lib.RTSPThreadPool()
        threads.set_max_threads(CLIENT_THREADS)
        self._server.set_thread_pool(threads)
        self._server.set_auth(self._auth(guard))
        for path, mount in mounts.items():
            self._server.get_mount_points().add_factory(path, self._factory(mount, guard))
        context = names.GLib.MainContext.new()
        self._listen(options, context)
        self._loop = names.GLib.MainLoop.new(context, False)
        self._thread = threading.Thread(target=self._loop.run, name="rtsp", daemon=True)
        self._thread.start()
        self.port: int = self._server.get_bound_port()

    def close(self) -> None:
        """Disconnect everybody and stop listening."""
        if self._source.is_destroyed():
            return
        self._source.destroy()
        self._cleaning.destroy()
        self._server.client_filter(lambda *_: self._lib.RTSPFilterResult.REMOVE, None)
        self._loop.quit()
        self._thread.join(CLOSING_S)

    def _auth(self, guard: Guard) -> Any:
        if guard.login is None and guard.certificate is None:
            return None
        auth = self._lib.RTSPAuth()
        if guard.certificate is not None:
            auth.set_tls_certificate(_certificate(guard.certificate))
        token = self._lib.RTSPToken()
        token.set_string(self._lib.RTSP_TOKEN_MEDIA_FACTORY_ROLE, VIEWER)
        auth.set_realm(REALM)
        auth.set_supported_methods(gst().GstRtsp.RTSPAuthMethod.DIGEST)
        if guard.login is None:
            auth.set_default_token(token)
        else:
            auth.add_digest(guard.login.user, guard.login.password, token)
        return auth

    def _factory(self, mount: Mount, guard: Guard) -> Any:
        factory = self._lib.RTSPMediaFactory()
        factory.set_launch(_launch(mount.sound))
        # Time stamps are of the system's clock: the media must count with the same one.
        factory.set_clock(gst().Gst.SystemClock.obtain())
        permissions = self._lib.RTSPPermissions()
        for what in (self._lib.RTSP_PERM_MEDIA_FACTORY_ACCESS, self._lib.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT):
            permissions.add_permission_for_role(VIEWER, what, True)
        factory.set_permissions(permissions)
        if guard.certificate is not None:
            # UDP would carry the picture in the clear beside the encrypted conversation.
            factory.set_protocols(gst().GstRtsp.RTSPLowerTrans.TCP)
        factory.connect("media-configure", lambda _, media: _join(mount.audience, media))
        return factory

    def _listen(self, options: Rtsp, context: Any) -> None:
        glib = gst().GLib
        try:
            self._source = self._server.create_source(None)
        except glib.Error as error:
            raise SinkError(
                f"rtsp: cannot listen on {options.address} port {options.port} ({error.message}): "
                "stop what uses it, or choose another with --port or --address"
            ) from None
        self._source.attach(context)
        # Clients that vanished without a word are forgotten when their session runs out.
        self._cleaning = glib.timeout_source_new_seconds(SESSIONS_CLEANED_S)
        self._cleaning.set_callback(lambda *_: self._server.get_session_pool().cleanup() >= 0)
        self._cleaning.attach(context)


def _launch(sound: SoundFormat | None) -> str:
    pictures = f"appsrc name=in is-live=true format=time caps={H264} ! rtph264pay name=pay0 pt=96"
    if sound is None:
        return f"( {pictures} )"
    payer = {"aac": "rtpmp4gpay", "opus": "rtpopuspay"}[sound.codec]
    return f"( {pictures} appsrc name=sound is-live=true format=time caps={caps(sound)} ! {payer} name=pay1 pt=97 )"


def _join(audience: Audience, media: Any) -> None:
    media.connect("unprepared", audience.leave)
    named = media.get_element().get_by_name
    audience.join(media, Feed(named("in"), named("sound")))


def _certificate(path: Path) -> Any:
    names = gst()
    from gi.repository import Gio

    try:
        return Gio.TlsCertificate.new_from_file(str(path))
    except names.GLib.Error as error:
        raise SinkError(
            f"{path}: is no certificate with its key that can be used ({error.message}): a PEM file of both was "
            "expected, and the package glib-networking"
        ) from None
