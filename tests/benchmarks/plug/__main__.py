"""Pulls the plug many times, each at another moment: `python -m tests.benchmarks.plug --cuts 200`."""

from __future__ import annotations

import argparse
import sys

from tests.benchmarks.setting import tell
from tests.e2e.plug import UNSAVED_S, lacking, pull, some_seconds


def main() -> None:
    """Print what was promised and what was found; exits with 1 when anything was lost."""
    options = argparse.ArgumentParser(prog="python -m tests.benchmarks.plug", description=__doc__)
    options.add_argument("--cuts", type=int, default=200)
    given = options.parse_args()
    if reason := lacking():
        sys.exit(f"not measured: {reason}")
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


if __name__ == "__main__":
    main()
