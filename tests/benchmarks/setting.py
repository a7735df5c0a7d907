"""With what a benchmark was run, and where its page goes."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil

CHECKOUT = Path(__file__).resolve().parents[2]
DATA = "../shared/data"
PLACES = ("--data", "--out", "--deface")
"""Options that name places of one machine, which nobody else has."""


def parser(name: str, about: str | None) -> argparse.ArgumentParser:
    """Options every benchmark has: --data and --out."""
    options = argparse.ArgumentParser(prog=f"python -m tests.benchmarks.{name}", description=about)
    options.add_argument("--data", type=Path, default=(CHECKOUT / DATA).resolve(), help=f"the evaluation data [{DATA}]")
    options.add_argument("--out", type=Path, default=CHECKOUT / "docs" / f"{name}.md", help=f"[docs/{name}.md]")
    return options


def need(data: Path, places: Sequence[str]) -> None:
    """End with the reason when none of the places is in the folder of data: no page is written of nothing."""
    if not any((data / place).is_dir() for place in places):
        sys.exit(f"not measured: the folder of data holds none of {', '.join(places)} (--data names another folder)")


def command(name: str) -> str:
    """As it was typed, without the names of this machine's folders."""
    words = [f"python -m tests.benchmarks.{name}", *sys.argv[1:]]
    return " ".join("FOLDER" if before in PLACES else word for before, word in zip(["", *words], words))


def machine() -> str:
    """Processor and memory."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    memory = psutil.virtual_memory().total / 2**30
    return f"{names[0] if names else platform.machine()}, {psutil.cpu_count()} processors, {memory:.0f} GB"


def finish(text: str, out: Path) -> None:
    """Print the page and keep it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    print(text)


def tell(words: str) -> None:
    """Progress, for whoever waits."""
    print(words, file=sys.stderr, flush=True)


def row(*cells: str) -> str:
    """One line of a table."""
    return "| " + " | ".join(cells) + " |\n"
