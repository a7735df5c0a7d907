"""What GStreamer is told of the encoded picture and sound."""

from __future__ import annotations

from appliance.core.sound import CHANNELS, RATE_HZ, SoundFormat

H264 = "video/x-h264,stream-format=byte-stream,alignment=au"


def caps(sound: SoundFormat) -> str:
    """The caps of encoded sound."""
    if sound.codec == "opus":
        return f"audio/x-opus,rate={RATE_HZ},channels={CHANNELS},channel-mapping-family=0"
    head = f"codec_data=(buffer){sound.head.hex()}"
    return f"audio/mpeg,mpegversion=4,stream-format=raw,rate={RATE_HZ},channels={CHANNELS},{head}"
