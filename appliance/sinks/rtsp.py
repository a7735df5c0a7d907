"""The masked stream: encoded once, then handed to each client through a queue of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from appliance.config import Rtsp
from appliance.core.frames import Plane
from appliance.core.veiling import MaskedFrame
from appliance.errors import SinkError
from appliance.gst import gst
from appliance.sinks import Login, SinkOptions
from appliance.sinks._encoders import ENCODERS, Wanted, present
from appliance.sinks._timeline import Timeline

BEHIND_S = 0.5
"""A client whose queue holds more than this waits for the next key frame instead: late pictures help nobody."""

KEYFRAME_EVERY_S = 0.25
"""Key frames are made for clients no more often than this."""

SESSIONS_CLEANED_S = 5
"""How often vanished clients are looked for."""

CLIENT_THREADS = 8
"""Threads that answer clients: one that is slow to connect does not hold up the next."""

KNOCKING = 128
"""Connections that may come at the same moment: one more, and the kernel lets it wait for a second."""

MOST_SESSIONS = 256
"""Clients at the same time, at most."""

PREVIEW_WIDTH_PX = 640
PREVIEW_FPS = 5
PREVIEW_KBPS = 400
PREVIEW_KEYFRAME_S = 2.0

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


class RtspSink:
    """Encoders and server; all have threads of their own."""

    fault = None

    def __init__(self, options: Rtsp, fps: int, guard: Guard = Guard()) -> None:
        self._clients = Clients()
        self._small_clients = Clients()
        mounts = {options.path: self._clients}
        if options.preview_path:
            mounts[options.preview_path] = self._small_clients
        self._server = Server(options, mounts, guard)
        keyframes = Wanted(options.bitrate_kbps, max(round(options.keyframe_s * fps), 1), options.profile)
        small = Wanted(PREVIEW_KBPS, round(PREVIEW_KEYFRAME_S * PREVIEW_FPS), options.profile)
        try:
            self._encoder = Encoder(keyframes, fps, self._clients)
            self._small = Encoder(small, PREVIEW_FPS, self._small_clients, PREVIEW_WIDTH_PX)
        except SinkError:
            self._server.close()
            raise
        self._timeline = Timeline()
        self._small_due_at = 0.0
        self.port = self._server.port
        """The port it listens on, also when 0 (any free one) was asked for."""

    @property
    def clients(self) -> int:
        """How many are connected."""
        return self._clients.count + self._small_clients.count

    def write(self, frame: MaskedFrame) -> None:
        """Encode and send; see Sink."""
        at = self._timeline.place(frame.captured_at, time.monotonic())
        self._encoder.write(frame, at)
        # Nobody watches it: nothing to do. Whoever comes gets a key frame.
        if self._small_clients.count and at >= self._small_due_at:
            self._small_due_at = max(self._small_due_at + 1 / PREVIEW_FPS, at)
            self._small.write(frame, at)

    def close(self) -> None:
        """Disconnect everybody."""
        self._server.close()
        self._encoder.close()
        self._small.close()


def build(options: SinkOptions) -> RtspSink:
    """Listen as configured; raises SinkError when the address or port cannot be had."""
    return RtspSink(options.rtsp, options.fps, Guard(options.login, options.certificate))


class Encoder:
    """Frames in, H.264 access units out to the clients; time stamps are nanoseconds of time.monotonic()."""

    def __init__(self, wanted: Wanted, fps: int, clients: Clients, widest: int | None = None) -> None:
        """widest: columns that broader pictures are shrunk to; None leaves every size as it is."""
        self._gst = gst()
        self._widest = widest
        self._fps = fps
        self._clients = clients
        self._size = (0, 0)
        self._info: Any = None
        self._pipeline = self._started(wanted)
        self._source = self._pipeline.get_by_name("in")
        clients.force_keyframe = self.force_keyframe
        self._bus = self._pipeline.get_bus()

    def write(self, frame: MaskedFrame, at_s: float) -> None:
        """Queue the frame; when the encoder cannot follow, the oldest waiting one is dropped."""
        message = self._bus.pop_filtered(self._gst.Gst.MessageType.ERROR)
        if message is not None:
            raise SinkError(f"rtsp: the encoder stopped ({message.parse_error()[0].message})")
        # Chroma of 4:2:0 comes in pairs: an odd last column or row is left out.
        size = (frame.width // 2 * 2, frame.height // 2 * 2)
        if size != self._size:
            self._resize(size)
        buffer = self._gst.Gst.Buffer.new_allocate(None, self._info.size, None)
        with buffer.map(self._gst.Gst.MapFlags.WRITE) as mapped:
            self._copy(frame, mapped.data)
        buffer.pts = buffer.dts = int(at_s * self._gst.Gst.SECOND)
        self._source.push_buffer(buffer)

    def force_keyframe(self) -> None:
        """Make the next picture one that a new client can begin with."""
        event = self._gst.GstVideo.video_event_new_upstream_force_key_unit(self._gst.Gst.CLOCK_TIME_NONE, True, 0)
        self._pipeline.get_by_name("out").get_static_pad("sink").push_event(event)

    def close(self) -> None:
        """Stop encoding."""
        self._pipeline.set_state(self._gst.Gst.State.NULL)

    def _started(self, wanted: Wanted) -> Any:
        for name in present():
            pipeline = self._gst.Gst.parse_launch(
                # Two frames may wait: one that is being encoded, one that comes.
                "appsrc name=in is-live=true format=time max-buffers=2 leaky-type=downstream ! "
                f"{'videoscale ! capsfilter name=small ! ' if self._widest else ''}"
                f"{ENCODERS[name](wanted)} ! h264parse config-interval=-1 ! "
                "video/x-h264,stream-format=byte-stream,alignment=au ! "
                "appsink name=out sync=false emit-signals=true max-buffers=8 drop=true"
            )
            pipeline.get_by_name("out").connect("new-sample", self._encoded)
            if pipeline.set_state(self._gst.Gst.State.PLAYING) != self._gst.Gst.StateChangeReturn.FAILURE:
                return pipeline
            pipeline.set_state(self._gst.Gst.State.NULL)
        raise SinkError(f"rtsp: no H.264 encoder ({', '.join(ENCODERS)}) works: install gstreamer1.0-plugins-ugly")

    def _encoded(self, sink: Any) -> Any:
        sample = sink.emit("pull-sample")
        if sample is not None:
            unit = sample.get_buffer()
            # x264enc moves its time stamps by a thousand hours, and the segment to match.
            self._clients.send(unit, sample.get_segment().to_running_time(self._gst.Gst.Format.TIME, unit.pts))
        return self._gst.Gst.FlowReturn.OK

    def _resize(self, size: tuple[int, int]) -> None:
        text = f"video/x-raw,format=I420,width={size[0]},height={size[1]},framerate={self._fps}/1"
        caps = self._gst.Gst.Caps.from_string(text)
        self._info = self._gst.GstVideo.VideoInfo.new_from_caps(caps)
        if self._widest:
            small = _shrunk(size, self._widest)
            text = f"video/x-raw,width={small[0]},height={small[1]},pixel-aspect-ratio=1/1"
            self._pipeline.get_by_name("small").set_property("caps", self._gst.Gst.Caps.from_string(text))
        self._source.set_caps(caps)
        self._size = size

    def _copy(self, frame: MaskedFrame, data: Any) -> None:
        width, height = self._size
        shapes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
        for plane, shape, offset, stride in zip(_halved(frame), shapes, self._info.offset, self._info.stride):
            np.ndarray(shape, np.uint8, data, offset, (stride, 1))[:] = plane[: shape[0], : shape[1]]


def _shrunk(size: tuple[int, int], widest: int) -> tuple[int, int]:
    share = min(widest / size[0], 1.0)
    width, height = (max(round(side * share / 2) * 2, 2) for side in size)
    return width, height


def _halved(frame: MaskedFrame) -> tuple[Plane, Plane, Plane]:
    if frame.u.shape == frame.y.shape and frame.width > 1:
        return frame.y, frame.u[::2, ::2], frame.v[::2, ::2]
    return frame.y, frame.u, frame.v


class Clients:
    """Everybody who watches. Fed by the encoder's thread; joined and left from the server's."""

    def __init__(self) -> None:
        self.force_keyframe: Callable[[], None] = lambda: None
        """Set once there is an encoder."""
        self._lock = threading.Lock()
        self._feeds: dict[Any, Feed] = {}
        self._key_wanted = False
        self._key_asked_at = 0.0

    @property
    def count(self) -> int:
        """How many are fed."""
        return len(self._feeds)

    def join(self, media: Any) -> None:
        """Feed this client's media from the next key frame on, until it is unprepared."""
        media.connect("unprepared", self._leave)
        with self._lock:
            self._feeds[media] = Feed(media.get_element().get_by_name("in"))
        self._ask()

    def send(self, unit: Any, at_ns: int) -> None:
        """Hand one access unit, to be seen at that moment of time.monotonic(), to everybody who can take it."""
        with self._lock:
            feeds = list(self._feeds.values())
        offers = [feed.offer(unit, at_ns) for feed in feeds]
        if any(offers) or self._key_wanted:
            self._ask()

    def _leave(self, media: Any) -> None:
        with self._lock:
            self._feeds.pop(media, None)

    def _ask(self) -> None:
        # Key frames are large: one serves everybody who came within a moment.
        now = time.monotonic()
        self._key_wanted = now - self._key_asked_at < KEYFRAME_EVERY_S
        if not self._key_wanted:
            self._key_asked_at = now
            self.force_keyframe()


class Feed:
    """One client's queue: bounded, and never begun or resumed but with a key frame."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self._gst = gst().Gst
        copied = self._gst.BufferCopyFlags
        self._whole = copied.FLAGS | copied.META | copied.MEMORY
        self._waits_for_key = True

    def offer(self, unit: Any, at_ns: int) -> bool:
        """Queue the access unit if the client can take it; True when only a key frame would help it now."""
        base = self._source.get_base_time()
        # No base time: the media is not playing yet, and a time stamp would mean nothing to it.
        if base == 0 or self._source.get_property("current-level-time") > BEHIND_S * self._gst.SECOND:
            self._waits_for_key = True
            return False
        if self._waits_for_key and unit.has_flags(self._gst.BufferFlags.DELTA_UNIT):
            return True
        # Buffer.copy() is only another reference in PyGObject: the stamp would be set for every client at once.
        own = unit.copy_region(self._whole, 0, unit.get_size())
        own.pts = own.dts = max(at_ns - base, 0)
        self._waits_for_key = self._source.emit("push-buffer", own) != self._gst.FlowReturn.OK
        return False


class Server:
    """The RTSP server and its main loop."""

    def __init__(self, options: Rtsp, mounts: Mapping[str, Clients], guard: Guard) -> None:
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
        for path, clients in mounts.items():
            self._server.get_mount_points().add_factory(path, self._factory(clients, guard))
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

    def _factory(self, clients: Clients, guard: Guard) -> Any:
        factory = self._lib.RTSPMediaFactory()
        caps = "video/x-h264,stream-format=byte-stream,alignment=au"
        factory.set_launch(f"( appsrc name=in is-live=true format=time caps={caps} ! rtph264pay name=pay0 pt=96 )")
        # Time stamps are of the system's clock: the media must count with the same one.
        factory.set_clock(gst().Gst.SystemClock.obtain())
        permissions = self._lib.RTSPPermissions()
        for what in (self._lib.RTSP_PERM_MEDIA_FACTORY_ACCESS, self._lib.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT):
            permissions.add_permission_for_role(VIEWER, what, True)
        factory.set_permissions(permissions)
        if guard.certificate is not None:
            # UDP would carry the picture in the clear beside the encrypted conversation.
            factory.set_protocols(gst().GstRtsp.RTSPLowerTrans.TCP)
        factory.connect("media-configure", lambda _, media: clients.join(media))
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
