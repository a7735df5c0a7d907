"""python -m tests.benchmarks.leak: redact and audit every clip and the staged scenes; writes docs/quality.md."""

from __future__ import annotations

import argparse
import pickle
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import psutil

from appliance import scene_photos
from appliance.auditing import models
from appliance.auditing.detail import BARE
from appliance.auditing.sheet import Sheet
from appliance.auditing.subjects import GAP
from appliance.capture.walk import photos_folder
from tests.benchmarks.leak.clips import Bench, Measured, clips
from tests.benchmarks.leak.page import Setting, page
from tests.benchmarks.leak.plots import charts
from tests.benchmarks.leak.scenes import scenes
from tests.benchmarks.leak.staged import Staged, Theatre
from tests.benchmarks.plot import svg

CHECKOUT = Path(__file__).resolve().parents[3]
DATA = "../shared/data/video"


def main() -> None:
    options = _options()
    if options.redraw:
        _publish(options, *pickle.loads(options.redraw.read_bytes()))
        return
    if missing := models.missing():
        sys.exit(f"the judge's models are not here ({', '.join(m.file for m in missing)}); {models.FETCH}")
    skipped: list[str] = []
    setting = Setting(_command(), _machine(), GAP, BARE)
    measured = _clips(options, skipped)
    staged = _staged(options, skipped)
    if options.keep:
        options.keep.write_bytes(pickle.dumps((setting, measured, staged, skipped)))
    _publish(options, setting, measured, staged, skipped)


def _publish(
    options: argparse.Namespace, setting: Setting, measured: list[Measured], staged: list[Staged], skipped: list[str]
) -> None:
    plot = options.out.with_suffix(".svg") if options.out else None
    text = page(setting, measured, staged, skipped, plot.name if plot else "")
    if options.sheets:
        _save_sheets(options.sheets, measured, staged)
    if options.out and plot:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        if measured or staged:
            plot.write_text(svg(charts(measured, staged)), encoding="utf-8")
        options.out.write_text(text, encoding="utf-8")
    print(text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.leak", description=__doc__)
    parser.add_argument("--data", type=Path, default=CHECKOUT / DATA, help=f"folder of clips [{DATA}]")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="CLIP", help="only these; nothing is written by itself"
    )
    parser.add_argument("--every", type=int, default=1, help="judge every N-th frame of the clips [1]")
    parser.add_argument("--crossings", type=int, default=100, help="staged crossings; 0 leaves them out [100]")
    parser.add_argument("--seed", type=int, default=1, help="of the staged crossings [1]")
    parser.add_argument("--no-clips", action="store_true", help="only the staged scenes")
    parser.add_argument("--no-staged", action="store_true", help="only the clips")
    parser.add_argument("--sheets", type=Path, metavar="FOLDER", help="keep pictures of the worst, to be looked at")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep what was measured, for --redraw")
    parser.add_argument("--redraw", type=Path, metavar="FILE", help="measure nothing: write the page of a kept run")
    parser.add_argument("--out", type=Path, help="where to write [docs/quality.md when everything is measured]")
    options = parser.parse_args()
    whole = not (options.only or options.every > 1 or options.no_clips or options.no_staged)
    if options.out is None and whole:
        options.out = CHECKOUT / "docs" / "quality.md"
    return options


def _clips(options: argparse.Namespace, skipped: list[str]) -> list[Measured]:
    if options.no_clips:
        skipped.append("clips: left out by --no-clips")
        return []
    found = clips(options.data, options.only)
    if not found:
        skipped.append("clips: there are none in the folder of clips (--data names another)")
    measured = []
    with tempfile.TemporaryDirectory(prefix="mofy-leak-") as scratch:
        bench = Bench(options.data, Path(scratch), CHECKOUT / ".cache" / "leak", options.every)
        for clip in found:
            began = time.monotonic()
            measured.append(bench.measure(clip))
            whole = measured[-1].judgement.figures.all_sizes
            _tell(f"{clip.name}: {whole.bare_strangers} of {whole.strangers}, {time.monotonic() - began:.0f} s")
    return measured


def _staged(options: argparse.Namespace, skipped: list[str]) -> list[Staged]:
    photos = photos_folder()
    if options.no_staged:
        skipped.append("staged scenes: left out by --no-staged")
        return []
    if missing := scene_photos.missing(photos):
        skipped.append(f"staged scenes: photos are missing ({', '.join(missing)}); ./install.sh setup fetches them")
        return []
    theatre = Theatre(photos)
    staged = [theatre.demo()]
    if options.crossings:
        played = list(scenes(options.crossings, options.seed))
        staged.append(
            theatre.crossings(played, options.crossings, lambda n: n % 10 or _tell(f"scene {n} of {len(played)}"))
        )
    for one in staged:
        _tell(f"{one.name}: bare in scenes {list(one.leaking)}")
    return staged


def _save_sheets(folder: Path, measured: list[Measured], staged: list[Staged]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    sheets: list[tuple[str, Sheet]] = [(one.name, one.judgement.sheet) for one in measured]
    sheets += [(one.name.replace(" ", "-"), one.sheet) for one in staged]
    for name, sheet in sheets:
        if (picture := sheet.picture()) is not None:
            cv2.imwrite(str(folder / f"{name}.png"), picture[:, :, ::-1])


def _command() -> str:
    words, places = ["python -m tests.benchmarks.leak", *sys.argv[1:]], ("--sheets", "--data", "--out", "--keep")
    return " ".join("FOLDER" if before in places else word for before, word in zip(["", *words], words))


def _machine() -> str:
    names = [line.partition(":")[2].strip() for line in _cpu_lines() if line.startswith("model name")]
    memory = psutil.virtual_memory().total / 2**30
    processor = names[0] if names else platform.machine()
    return f"{processor}, {psutil.cpu_count()} processors, {memory:.0f} GB, at commit {_commit()}"


def _commit() -> str:
    words = ["git", "describe", "--always", "--dirty=, with changes"]
    if shutil.which("git") is None:
        return "unknown"
    told = subprocess.run(words, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"


def _cpu_lines() -> list[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text(encoding="utf-8").splitlines() if file.is_file() else []


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
