"""A bundle makes a bare machine without any network a box: `python -m tests.e2e.bundled BUNDLE.tar.gz TREE`, as root.

BUNDLE is what `./install.sh bundle` wrote for TREE's system. TREE is a bare Debian that can boot and is not changed:
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,udev,ca-certificates trixie TREE
"""

from __future__ import annotations

import argparse
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from tests.e2e.container import Container, lacking
from tests.e2e.test_box import SERVICES, active, running

PICTURE_S = 60.0


def main() -> None:
    """Install, look at the services, and boot anew; exits with 1 when anything is not as it should be."""
    options = argparse.ArgumentParser(prog="python -m tests.e2e.bundled", description=__doc__)
    options.add_argument("bundle", type=Path)
    options.add_argument("tree", type=Path)
    given = options.parse_args()
    if reason := lacking():
        sys.exit(f"not tried: {reason}")
    with tempfile.TemporaryDirectory(prefix="mofy-bundle-") as folder:
        with tarfile.open(given.bundle) as archive:
            archive.extractall(folder)
        (release,) = Path(folder).iterdir()
        box = Container(Path(folder), given.tree)
        try:
            sys.exit(try_it(box, release.name))
        finally:
            box.close()


def try_it(box: Container, release: str) -> int:
    """0 when it became a box that boots to a picture."""
    box.boot()
    began = time.monotonic()
    (box.root / "etc/mofy").mkdir(exist_ok=True)
    (box.root / "etc/mofy/engine.env").write_text("MOFY_SOURCE=walk\n")
    run = box.does("bash", f"/src/{release}/install.sh", timeout_s=1800)
    print(f"{run.stdout}{run.stderr}installed in {time.monotonic() - began:.0f} s, exit status {run.returncode}")
    if run.returncode:
        return 1
    box.pull_the_plug()
    since = box.boot()
    while not running(box):
        if time.monotonic() - since > PICTURE_S:
            print(box.does("journalctl", "-u", "mofy-engine", "--no-pager", "-n", "20").stdout)
            return 1
        time.sleep(0.1)
    print(f"masked pictures {time.monotonic() - since:.1f} s after the power came back")
    dead = [name for name in SERVICES if not active(box, name)]
    print(f"not active: {', '.join(dead)}" if dead else "all services are active")
    return bool(dead)


if __name__ == "__main__":
    main()
