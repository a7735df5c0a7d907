"""The stand-ins for what only a board has are as strict as the real thing: compared with the published source."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
KEPT = CHECKOUT / ".cache" / "interfaces"
PICAMERA2 = "picamera2>=0.3.30,<0.4"

REAL = {
    "Picamera2": "picamera2/picamera2.py",
    "MappedArray": "picamera2/request.py",
    "CompletedRequest": "picamera2/request.py",
    "IMX708": "picamera2/devices/imx708/imx708.py",
}


@pytest.fixture(scope="module")
def published() -> zipfile.ZipFile:
    """The package as it is published; it cannot be installed here, for it needs libcamera."""
    if not list(KEPT.glob("picamera2-*.whl")):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(KEPT), PICAMERA2]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if run.returncode:
            pytest.skip(f"{PICAMERA2} cannot be downloaded here")
    return zipfile.ZipFile(max(KEPT.glob("picamera2-*.whl")))


def methods(source: str, name: str) -> dict[str, list[str]]:
    """Names of arguments by method of a class; of overloads the last, which is the real one."""
    tree = ast.parse(source)
    (found,) = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == name)
    return {
        method.name: [argument.arg for argument in (*method.args.posonlyargs, *method.args.args)]
        for method in found.body
        if isinstance(method, ast.FunctionDef)
    }


@pytest.mark.parametrize("name", REAL)
def test_the_fake_takes_what_the_real_one_takes(published, name):
    ours = methods((CHECKOUT / "tests/fakes/picamera2.py").read_text(encoding="utf-8"), name)
    real = methods(published.read(REAL[name]).decode(), name)
    for method, arguments in ours.items():
        if not method.startswith("_") or method == "__init__":
            assert arguments == real.get(method), f"{name}.{method}"


def test_a_pending_request_still_ends_with_the_exception_we_wait_for(published):
    job = published.read("picamera2/job.py").decode()
    assert "from concurrent.futures import CancelledError, Future" in job
    assert "self._future.result(timeout=timeout)" in job
