"""Whatever camera is connected: the board's own first, then the first on USB. Looked for anew whenever it is lost."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from appliance import boards, parts
from appliance.capture._returning import Returning, Running
from appliance.errors import CaptureError, InputError
from appliance.kernel_files import text
from appliance.options import Camera

OWN = {"picamera2": "Raspberry Pi", "jetson": "Jetson"}
"""Parts for cameras on a board's own connectors, and whose; each tells by an error that it has none here."""

ROOT = Path("/")


def build(source: str, camera: Camera, loop: bool = False, patient: bool = False) -> Returning:
    """The camera there is; raises CaptureError when there is none, unless it may come later."""
    return Returning("auto", partial(running, camera), returns=True, patient=patient)


def running(camera: Camera, root: Path = ROOT) -> Running:
    """The first camera that opens; raises CaptureError that tells what was tried."""
    tried = []
    for name in (*OWN, *map(str, usb_cameras(root))):
        part = parts.part("capture", name if name in OWN else "gstreamer")
        try:
            opened: Running = part.running(name, camera)
        except (CaptureError, InputError) as error:
            # That a PC lacks a Jetson's software helps nobody.
            if name not in OWN or OWN[name] in boards.row(root).name:
                tried.append(str(error))
        else:
            return opened
    reasons = f" ({'; '.join(tried)})" if tried else ""
    raise CaptureError(f"auto: no camera is connected; plug one in{reasons}")


def listed(root: Path = ROOT) -> list[tuple[str, str]]:
    """(source, name) of each camera that is connected, as `--source` takes it; not those on a Jetson's ribbon."""
    usb = [(str(path), text(root / "sys/class/video4linux" / path.name / "name")) for path in usb_cameras(root)]
    return [*parts.part("capture", "picamera2").listed(), *usb]


def usb_cameras(root: Path = ROOT) -> list[Path]:
    """Cameras on USB, in the kernel's order; a board's decoders and scalers are devices too, and left out."""
    nodes = sorted(
        (root / "sys/class/video4linux").glob("video*"), key=lambda node: int(node.name.removeprefix("video"))
    )
    return [root / "dev" / node.name for node in nodes if _is_usb(node) and text(node / "index") in ("0", "")]


def _is_usb(node: Path) -> bool:
    return any(part.startswith("usb") for part in (node / "device").resolve().parts)
