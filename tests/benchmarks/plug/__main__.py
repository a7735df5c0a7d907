"""Pulls the plug many times, each at another moment: `python -m tests.benchmarks.plug --cuts 200`.

With --writes 200 one run instead, cut at so many of its disk's writes and flushes: see tests.e2e.logged_disk.
"""

from __future__ import annotations

import argparse
import random
import sys

from tests.benchmarks.setting import tell
from tests.e2e import logged_disk
from tests.e2e.plug import UNSAVED_S, lacking, pull, some_seconds


def main() -> None:
    """Print what was promised and what was found; exits with 1 when anything was lost."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks.plug", description=__doc__)
    options.add_argument("--cuts", type=int, default=200)
    options.add_argument("--writes", type=int, default=0)
    options.add_argument("--seconds", type=float, default=30.0)
    given = options.parse_args()
    if reason := logged_disk.lacking() if given.writes else lacking():
        sys.exit(f"not measured: {reason}")
    if given.writes:
        sys.exit(0 if at_writes(given.seconds, given.writes) else 1)
    promised = found = unsaved = 0
    longest_s = 0.0
    for number in range(given.cuts):
        cut = pull(some_seconds(number), picture=number % 20 == 0)
        promised, found = promised + cut.promised, found + cut.found
        unsaved += cut.recorded_s < cut.ran_s - UNSAVED_S
        longest_s = max(longest_s, cut.ran_s - cut.recorded_s)
        tell(f"{number + 1} of {given.cuts}: {cut}")
    print(f"{given.cuts} cuts: {promised} enrolments confirmed, {found} there afterwards; nothing half done;")
    print(f"of a recording at most the last {longest_s:.1f} s were lost")
    sys.exit(0 if found == promised and not unsaved else 1)


def at_writes(seconds: float, number: int) -> bool:
    """Print the same; False when anything was lost."""
    cuts = logged_disk.pull_often(seconds, number, random.Random(7))
    promised, found = sum(cut.promised for cut in cuts), sum(cut.found for cut in cuts)
    longest_s = max(cut.ran_s - cut.recorded_s for cut in cuts)
    print(f"{len(cuts)} cuts at a disk's requests: {promised} enrolments confirmed, {found} there afterwards;")
    print(f"nothing half done; of a recording at most the last {longest_s:.1f} s were lost")
    return found == promised and longest_s <= UNSAVED_S


if __name__ == "__main__":
    main()
