"""A box that is well, for faults to be put into."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance import model_files, status
from appliance.config import load
from appliance.core.frames import RgbImage
from appliance.doctor import Finding, Site, examine
from appliance.store import Store
from appliance.store.people import Template

IS_ROOT = os.geteuid() == 0
CROP: RgbImage = np.zeros((112, 112, 3), np.uint8)


def site_of(folder: Path, source: str = "test", **changes: dict[str, Any]) -> Site:
    """The box whose data and kernel files lie below the folder."""
    changes = {"rtsp": {"address": "127.0.0.1", "port": 0}, "page": {"address": "127.0.0.1", "port": 0}, **changes}
    changes.setdefault("camera", {"width": 320, "height": 240, "fps": 15})
    return Site(folder / "data", load(changes=changes), source, folder / "root")


def found(site: Site, name: str) -> list[Finding]:
    """What one check says."""
    return list(examine(site, (name,)))


def only(site: Site, name: str) -> Finding:
    """The same where it must be one line."""
    (finding,) = found(site, name)
    assert "\n" not in finding.says + finding.do
    return finding


def engine(site: Site, **facts) -> None:
    """Leave the report of an engine that runs now."""
    told = {"state": "running", "at": time.time(), "pid": 1, "version": "0", "source": "/dev/video0", "width": 1280,
            "height": 720, "fps": 15.0, "address": "rtsp://127.0.0.1:1/live", **facts}  # fmt: skip
    status.write(status.Status(**told), status.runtime_folder(site.data))


def enrol(site: Site, model: str | None = None) -> Store:
    """Put somebody into the store."""
    store = Store.open(site.data, create=True)
    model = model or model_files.default("embedder").id
    store.enrol("Anna", [Template(model, np.eye(1, 512, dtype=np.float32)[0], CROP, 0.9, 0.0)], "test")
    return store


@pytest.fixture
def box(tmp_path, monkeypatch) -> Path:
    """The folder of a box on which no engine runs."""
    for name in ("RUNTIME_DIRECTORY", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "root/proc").mkdir(parents=True)
    (tmp_path / "root/proc/meminfo").write_text("MemTotal:  4000000 kB\nMemFree:  10 kB\nMemAvailable:  3000000 kB\n")
    return tmp_path
