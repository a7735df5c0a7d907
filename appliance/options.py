"""Every option, typed, by section; default.toml has the same with what they are when nothing is said."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

Mode = Literal["selective", "cover-everyone", "slate"]
"""Whom the picture shows, from the freest to the strictest."""

Disguise = Literal["off", "deep", "high"]
"""How voices are changed."""

Language = Literal["en", "ko", "both"]

Sign = Literal["off", "display", "everywhere"]
"""Where pictures bear the sign that says filming is on."""

ETHERNET = "must be auto, or an address as 192.168.0.10/24, or that and the gateway: 192.168.0.10/24 192.168.0.1"


def cable_address(wished: str) -> tuple[str, str] | None:
    """("192.168.0.10/24", gateway or empty) of the option `ethernet`; None for auto. Raises ValueError."""
    if wished == "auto":
        return None
    address, *rest = wished.split()
    if "/" not in address or len(rest) > 1:
        raise ValueError(ETHERNET)
    interface = ipaddress.IPv4Interface(address)
    if rest and ipaddress.IPv4Address(rest[0]) not in interface.network:
        raise ValueError(ETHERNET)
    return str(interface), rest[0] if rest else ""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Look(_Section):
    """How the picture looks."""

    mode: Mode
    style: str
    strength: Annotated[int, Field(ge=1, le=5)]
    margin: Annotated[float, Field(ge=0.0, le=2.0)]
    outline: bool
    picture: str
    sign: Sign


class Box(_Section):
    """What the box says of itself."""

    name: Annotated[str, Field(max_length=60)]
    language: Language


class Window(_Section):
    """How far the output looks ahead."""

    live_frames: Annotated[int, Field(ge=1, le=120)]
    file_frames: Annotated[int, Field(ge=1, le=120)]


class Faces(_Section):
    """Finding and recognising."""

    detector: str
    embedder: str
    certainty: Literal["balanced", "strict"]
    threshold: Annotated[float, Field(gt=0.0, lt=1.0)]
    tiles_a_frame: Annotated[int, Field(ge=0, le=64)]
    threads: Annotated[int, Field(ge=1, le=16)]
    verifications: Annotated[int, Field(ge=1, le=32)]
    min_face_px: Annotated[float, Field(ge=8.0)]


class Camera(_Section):
    """What is asked of a camera."""

    width: Annotated[int, Field(ge=64, le=7680, multiple_of=2)]
    height: Annotated[int, Field(ge=64, le=4320, multiple_of=2)]
    fps: Annotated[int, Field(ge=1, le=120)]
    rotation: Literal[0, 90, 180, 270] = 0
    exposure_ms: Annotated[float, Field(ge=0.0, le=1000.0)] = 0.0
    focus_m: Annotated[float, Field(ge=0.0, le=100.0)] = 0.0
    hdr: bool = False


class Rtsp(_Section):
    """The masked stream."""

    address: str
    port: Annotated[int, Field(ge=0, le=65535)]
    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9_./-]+$")]
    preview_path: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9_./-]+)?$")]
    bitrate_kbps: Annotated[int, Field(ge=100, le=100_000)]
    keyframe_s: Annotated[float, Field(gt=0.0, le=60.0)]
    profile: Literal["constrained-baseline", "main"]
    preset: Literal["ultrafast", "superfast", "veryfast"]
    authentication: Literal["auto", "on", "off"]
    user: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    tls: bool
    certificate: str
    slate_addresses: bool

    @field_validator("preview_path")
    @classmethod
    def _apart(cls, value: str, info: ValidationInfo) -> str:
        if value == info.data.get("path"):
            raise PydanticCustomError("same_path", "must not be the path of the stream itself")
        return value


class Page(_Section):
    """The phone page."""

    address: str
    port: Annotated[int, Field(ge=0, le=65535)]
    tls: bool
    certificate: str
    names: tuple[str, ...]


class Network(_Section):
    """Cable and Wi-Fi of a box."""

    ethernet: str
    own_wifi: Literal["auto", "off"]

    @field_validator("ethernet")
    @classmethod
    def _an_address(cls, value: str) -> str:
        try:
            cable_address(value)
        except ValueError:
            raise PydanticCustomError("ethernet", ETHERNET) from None
        return value


class Hdmi(_Section):
    """The masked picture on a display of the box's own."""

    output: Literal["auto", "off", "kms", "x11", "gl", "jetson"]
    mode: Annotated[str, Field(pattern=r"^(auto|[1-9][0-9]{2,3}x[1-9][0-9]{2,3})$")]
    secrets: bool


class Record(_Section):
    """The recording of what leaves."""

    folder: str
    on: bool
    minutes: Annotated[float, Field(gt=0.0, le=24 * 60.0)]
    keep_free_mb: Annotated[int, Field(ge=10)]


class JobOptions(_Section):
    """Photos and videos sent to be redacted."""

    folder: str
    redis: Annotated[str, Field(pattern=r"^(rediss?://.+|unix://.+)?$")]
    keep_hours: Annotated[float, Field(gt=0.0, le=24 * 365.0)]
    most_mb: Annotated[int, Field(ge=1)]
    most_jobs: Annotated[int, Field(ge=1, le=1000)]
    keep_free_mb: Annotated[int, Field(ge=10)]


class Sound(_Section):
    """The sound that goes with the picture."""

    source: str
    codec: Literal["aac", "opus"]
    bitrate_kbps: Annotated[int, Field(ge=32, le=320)]
    delay_ms: Annotated[int, Field(ge=-1000, le=1000)]
    mute: bool
    disguise: Disguise


class Mqtt(_Section):
    """The box on a broker."""

    broker: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]*$")]
    port: Annotated[int, Field(ge=0, le=65535)]
    user: Annotated[str, Field(pattern=r"^[^\s/+#]{1,64}$")]
    password_file: str
    tls: bool
    ca: str
    certificate: str
    key: str
    base: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$")]
    discovery: Annotated[str, Field(pattern=r"^([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*)?$")]
    share_names: bool
    every_s: Annotated[float, Field(ge=1.0, le=3600.0)]
    obey: Literal["all", "cover", "nothing"]


class Push(_Section):
    """Sending the masked stream on to another server."""

    url: Annotated[str, Field(repr=False)]

    @field_validator("url")
    @classmethod
    def _known(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("rtmp", "rtmps", "srt", "rtsp", "rtsps") or not parts.hostname):
            raise PydanticCustomError(
                "push_url", "must begin with rtmp://, rtmps://, srt://, rtsp:// or rtsps:// and a host"
            )
        return value


class Config(_Section):
    """Everything that default.toml lists."""

    box: Box
    look: Look
    window: Window
    faces: Faces
    camera: Camera
    rtsp: Rtsp
    page: Page
    network: Network
    hdmi: Hdmi
    record: Record
    jobs: JobOptions
    sound: Sound
    mqtt: Mqtt
    push: Push
