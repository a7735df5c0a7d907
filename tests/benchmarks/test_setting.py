"""How a benchmark says what it was asked for, and that it lacks its data."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.benchmarks import setting
from tests.conftest import CHECKOUT


def test_a_command_is_told_without_this_machines_folders(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["x", "--data", "/some/where", "--people", "5", "--out", "/else/where.md"])
    assert setting.command("attack") == "python -m tests.benchmarks.attack --data FOLDER --people 5 --out FOLDER"


@pytest.mark.parametrize("name", ["detection", "recognition", "attack"])
def test_without_data_it_says_so_and_writes_nothing(name, tmp_path):
    page = tmp_path / "page.md"
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", "--data", tmp_path, "--out", page]
    run = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith("not measured: ")
    assert len(run.stderr.splitlines()) == 1
    assert not page.exists()
