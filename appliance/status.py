"""What the engine reports of itself: one small file, replaced whole, read by page, MQTT and command line alike."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from appliance import whole_files
from appliance.errors import InputError, MofyError

if TYPE_CHECKING:
    from appliance.options import Mode

NAME = "status.json"
STALE_S = 3.0
"""A report older than this comes from an engine that hangs or is gone."""

State = Literal["starting", "running", "slate", "no-picture", "stopping", "failed"]


@dataclass(frozen=True, slots=True)
class TrackStatus:
    """One face of the newest masked frame. Who it is stands as an id: names are kept locked."""

    id: int
    """Another one as soon as this may have become another face."""
    box: tuple[int, int, int, int]
    """x0 y0 x1 y1 in pixels of the frame."""
    person: str | None


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """What became of one wish about a face."""

    id: str
    kind: str
    """As in store.claims: reveal, cover or cover-person."""
    state: str
    """pending: the face is being learned; active; refused: for good, unless it is wished again."""
    words: str
    """The same for a person, with the reason."""
    track: int | None = None
    person: str | None = None
    """Id of the guest, or of the person who is covered; names are kept locked."""
    until: float | None = None
    asked_at: float = 0.0
    """Epoch seconds; asked_at as the claim has it, to tell what became of the same wish said again."""


@dataclass(frozen=True, slots=True)
class Status:
    """The engine at one moment."""

    state: State
    at: float
    """Epoch seconds."""
    pid: int
    version: str
    source: str
    address: str
    """Where the masked stream is."""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    """Masked frames a second."""
    window: int = 0
    """Frames that the picture looks ahead."""
    dropped: int = 0
    """Frames that the camera made and the engine left out, since it started."""
    busy: float = 0.0
    """Share of the time in which the engine works on frames, 0..1: at 1 it cannot follow the camera."""
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    """Mean milliseconds a frame by stage; `delay` is from camera to sinks, the window included."""
    cpu_percent: float = 0.0
    """Of one processor: 150 is one and a half."""
    memory_mb: float = 0.0
    """Resident, in millions of bytes."""
    covered: int = 0
    shown: int = 0
    tracks: tuple[TrackStatus, ...] = ()
    run: str = ""
    """Names this run of the engine: the numbers of tracks are its own."""
    claims: tuple[ClaimStatus, ...] = ()
    """What became of the wishes about single faces."""
    people: int = 0
    """How many are enrolled."""
    mode: Mode = "selective"
    """What the engine obeys: cover-everyone shows nobody, whoever is enrolled; slate gives no picture."""
    clients: int = 0
    recording: bool = False
    push: str = "off"
    """Sending the stream on: off; or on, connecting, lost, and where to, without any secret."""
    sound: str = "off"
    """off (no microphone asked for), on, muted, silent (there is no picture), lost (the microphone is)."""
    display: str = ""
    """The display that shows the picture; empty where none does."""
    board: str = ""
    temperature_c: float | None = None
    throttled: str = ""
    """Why the board slows itself down, in words; empty where it does not."""
    faults: tuple[str, ...] = ()
    """What is wrong, in words."""


def runtime_place(data: Path) -> Path:
    """Where what is true only while the engine runs lies: /run on a box, else the session's folder. May not exist."""
    given = os.environ.get("RUNTIME_DIRECTORY")
    session = os.environ.get("XDG_RUNTIME_DIR")
    if given:
        return Path(given.split(":")[0])
    if os.access("/run/mofy", os.W_OK):
        return Path("/run/mofy")
    if session and Path(session).is_dir():
        return Path(session) / "mofy"
    return data / "run"


def runtime_folder(data: Path) -> Path:
    """The same, made when missing; raises MofyError when that cannot be."""
    folder = runtime_place(data)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise MofyError(f"{folder}: the engine's report cannot be kept here ({error.strerror})") from None
    return folder


def write(status: Status, folder: Path) -> None:
    """Replace the report; raises OSError."""
    whole_files.replace(folder / NAME, json.dumps(asdict(status), ensure_ascii=False) + "\n")


def read(folder: Path) -> Status:
    """The newest report; raises InputError when there is none that can be read."""
    path = folder / NAME
    try:
        return _parsed(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise InputError(f"{path}: no engine has reported here; start one with `mofy run`") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InputError(f"{path}: is not a report of this version's engine") from None


def is_stale(status: Status, now: float) -> bool:
    """True when the engine that wrote it hangs or is gone: a report must not outlive the truth."""
    # Either way: a clock that was set back must not make an old report look new for ever.
    return abs(now - status.at) > STALE_S


def _parsed(data: dict[str, Any]) -> Status:
    known = {one.name: data[one.name] for one in fields(Status) if one.name in data}
    known["tracks"] = tuple(TrackStatus(track["id"], (*track["box"],), track["person"]) for track in data["tracks"])
    known["claims"] = tuple(ClaimStatus(**claim) for claim in data.get("claims", ()))
    known["faults"] = tuple(data["faults"])
    return Status(**known)
