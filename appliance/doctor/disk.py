"""Whether there is room, and whether it can be written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from appliance.doctor import Finding, Site, ok, warning, wrong
from appliance.errors import system_reason

MB = 1_000_000
LEAST_MB = 50
"""Below this the store cannot be trusted to find room for its next change."""

LITTLE_MB = 500
PROBE = b"mofy" * 1024


def check(site: Site) -> Iterable[Finding]:
    """One for each folder that is written to."""
    record, jobs = site.config.record, site.config.jobs
    folders = [("data", site.data, LITTLE_MB), ("report", site.runtime, 0)]
    if record.folder:
        folders.append(("recordings", Path(record.folder), record.keep_free_mb))
    if jobs.folder:
        folders.append(("jobs", Path(jobs.folder), jobs.keep_free_mb))
    return [_finding(*row) for row in folders]


def _finding(what: str, wanted: Path, little_mb: int) -> Finding:
    folder = wanted
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if fault := _unwritable(folder):
        return wrong(f"{what}: {folder} cannot be written ({fault})", "make room, or make it writable")
    free_mb = shutil.disk_usage(folder).free // MB
    says = f"{what}: {wanted} has {free_mb} MB of room"
    if free_mb < min(LEAST_MB, max(little_mb, 1)):
        return wrong(says, "make room")
    if free_mb < little_mb:
        return warning(f"{says}, {little_mb} MB are to be kept free", "make room")
    return ok(says)


def _unwritable(folder: Path) -> str:
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".mofy-doctor-") as probe:
            probe.write(PROBE)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return system_reason(error)
    return ""
