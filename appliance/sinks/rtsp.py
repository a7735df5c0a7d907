"""The masked stream: encoded once, then handed to each client through a queue of its own."""

from __future__ import annotations

from appliance.core.sound import SoundFormat, SoundPacket
from appliance.core.veiling import MaskedFrame
from appliance.errors import SinkError
from appliance.options import Rtsp
from appliance.sinks import SinkOptions
from appliance.sinks._audience import Audience
from appliance.sinks._encoders import Wanted
from appliance.sinks._h264 import Encoder
from appliance.sinks._push import Push
from appliance.sinks._rtsp_server import Guard, Mount, Server

PREVIEW_WIDTH_PX = 640
PREVIEW_FPS = 5
PREVIEW_KBPS = 400
PREVIEW_KEYFRAME_S = 2.0


class RtspSink:
    """Encoders and server; all have threads of their own."""

    def __init__(
        self, options: Rtsp, fps: int, guard: Guard = Guard(), sound: SoundFormat | None = None, push_url: str = ""
    ) -> None:
        """sound: None for a silent stream; the small one is silent anyway. push_url: where it is sent as well."""
        self._audience = Audience()
        self._small_audience = Audience()
        mounts = {options.path: Mount(self._audience, sound)}
        if options.preview_path:
            mounts[options.preview_path] = Mount(self._small_audience)
        self._server = Server(options, mounts, guard)
        keyframe_frames = max(round(options.keyframe_s * fps), 1)
        keyframes = Wanted(options.bitrate_kbps, keyframe_frames, options.profile, options.preset)
        small = Wanted(PREVIEW_KBPS, round(PREVIEW_KEYFRAME_S * PREVIEW_FPS), options.profile)
        try:
            self._encoder = Encoder(keyframes, fps, self._audience)
            self._small = Encoder(small, PREVIEW_FPS, self._small_audience, PREVIEW_WIDTH_PX)
            self._push = Push(push_url, self._audience, sound) if push_url else None
        except SinkError:
            self._server.close()
            raise
        self._small_due_at = 0.0
        self.port = self._server.port
        """The port it listens on, also when 0 (any free one) was asked for."""

    @property
    def clients(self) -> int:
        """How many are connected."""
        return self._audience.count + self._small_audience.count - (self._push in self._audience)

    @property
    def push(self) -> str:
        """How sending the stream on goes: off; or on, connecting, lost, and where to."""
        return self._push.state if self._push else "off"

    @property
    def fault(self) -> str | None:
        """Why the stream is not sent on; see Sink."""
        return self._push.fault if self._push else None

    def write(self, frame: MaskedFrame) -> None:
        """Encode and send; see Sink."""
        at = frame.captured_at
        self._encoder.write(frame, at)
        # Nobody watches it: nothing to do. Whoever comes gets a key frame.
        if self._small_audience.count and at >= self._small_due_at:
            self._small_due_at = max(self._small_due_at + 1 / PREVIEW_FPS, at)
            self._small.write(frame, at)

    def hear(self, packet: SoundPacket) -> None:
        """Send; see Listener."""
        self._audience.hear(packet)

    def close(self) -> None:
        """Disconnect everybody."""
        if self._push:
            self._push.close()
        self._server.close()
        self._encoder.close()
        self._small.close()


def build(options: SinkOptions) -> RtspSink:
    """Listen as configured; raises SinkError when the address or port cannot be had."""
    guard = Guard(options.login, options.certificate)
    return RtspSink(options.rtsp, options.fps, guard, options.sound, options.push_url)
