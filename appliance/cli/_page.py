"""Page and jobs as children of `mofy run`: they may die and come back, and they end when `mofy run` does."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

BACK_OFF_S = (1.0, 2.0, 5.0, 15.0)
"""How long to wait before each new try."""

LONG_S = 30.0
"""Whoever lived so long begins again with the shortest wait."""

ENDING_S = 1.0


class Child:
    """One process of a command at a time, started and looked after by `keep`."""

    def __init__(self, command: str, data: Path, *options: str) -> None:
        """command: of `mofy`, with these options."""
        self._command = [sys.executable, "-m", "appliance.cli", command, "--until-eof", "--data", str(data), *options]
        self._process: subprocess.Popen[bytes] | None = None
        self._began_at = self._due_at = float("-inf")
        self._tries = 0
        self._told = ""

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._end(self._process)

    def keep(self) -> list[str]:
        """Start it when it is not running and a try is due; the lines that it has said since, each once in a row."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._due_at:
                self._start(now)
            return []
        said = self._said(self._process)
        if self._process.poll() is not None:
            said += self._said(self._process)
            self._lose(self._process, now)
        return said

    def _start(self, now: float) -> None:
        # A session of its own: Ctrl-C at the terminal is for `mofy run`, which ends it. It dies with us by its input.
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._began_at = now

    def _said(self, process: subprocess.Popen[bytes]) -> list[str]:
        assert process.stdout is not None
        lines = []
        for line in (process.stdout.read() or b"").decode(errors="replace").splitlines():
            if line != self._told:
                lines.append(line)
            self._told = line
        return lines

    def _lose(self, process: subprocess.Popen[bytes], now: float) -> None:
        self._tries = 0 if now - self._began_at > LONG_S else self._tries
        self._due_at = now + BACK_OFF_S[min(self._tries, len(BACK_OFF_S) - 1)]
        self._tries += 1
        self._end(process)
        self._process = None

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        process.terminate()
        try:
            process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
