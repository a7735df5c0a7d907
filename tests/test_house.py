"""The house's rules, checked by reading it: layers, purity, one gate, who may print, what the documents must say."""

from __future__ import annotations

import ast
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import __version__, config, options, parts, scene_photos

CHECKOUT = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent
NOT_OURS = {".git", ".venv", ".cache", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache"}
NOT_OURS |= {".hypothesis", "__pycache__", "mofy.egg-info", "out", "build", ".coverage"}

PURE = {
    "__future__",
    "bisect",
    "collections",
    "dataclasses",
    "enum",
    "functools",
    "itertools",
    "math",
    "operator",
    "typing",
}
PURE |= {"numpy", "cv2", "lap", "appliance.core", "appliance.masks"}
REACHES_OUT = {".open", ".print", ".input", ".exec", ".eval", ".imread", ".imwrite", ".VideoCapture", ".VideoWriter"}
REACHES_OUT |= {".imshow", ".save", ".savez", ".load", ".fromfile", ".tofile", ".memmap", ".loadtxt", ".savetxt"}
LAZY = {"gi", "picamera2", "libcamera", "tensorrt", "ai_edge_litert", "jetson_utils"}
NOT_FOR_HELP = LAZY | {"av", "cv2", "numpy", "lap", "PIL", "pillow_heif", "cryptography", "pydantic", "sqlite_utils"}
NOT_FOR_HELP |= {"rich", "flask", "paho", "platformdirs", "psutil", "prometheus_client"}
FOR_THE_COMMAND_LINE = {"print", "exit", "quit", "sys.exit", "os._exit", "os.abort", "SystemExit", "click.echo"}
FOR_THE_COMMAND_LINE |= {"sys.stdout.write", "sys.stderr.write"}


def ours(*suffixes: str, under: str = ".") -> list[Path]:
    """Files of the checkout that are, or may be, committed; all of them without a suffix given."""
    found = []
    for path in sorted((CHECKOUT / under).rglob("*")):
        inside = path.relative_to(CHECKOUT)
        if path.is_file() and not NOT_OURS & set(inside.parts) and (not suffixes or path.suffix in suffixes):
            found.append(path)
    return found


PACKAGES = ours(".py", under="appliance") + ours(".py", under="web")


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imported(nodes: Iterator[ast.AST]) -> set[str]:
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def at_top(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when the module is imported: not the insides of functions, nor what only a type checker reads."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from at_top(child)


def called(path: Path) -> set[str]:
    """Everything the file calls, in full (sys.exit) and by its last name (.exit)."""
    functions = {ast.unparse(node.func) for node in ast.walk(tree(path)) if isinstance(node, ast.Call)}
    return functions | {f".{function.rpartition('.')[2]}" for function in functions}


def told(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def passes(*command: str | Path) -> None:
    run = subprocess.run([str(word) for word in command], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"


def test_ruff_finds_nothing():
    passes(TOOLS / "ruff", "check")


def test_the_code_is_formatted():
    passes(TOOLS / "ruff", "format", "--check")


def test_mypy_finds_nothing():
    passes(TOOLS / "mypy")


def test_imports_only_point_down():
    passes(TOOLS / "lint-imports")


def test_every_module_has_its_layer():
    """A module that the layers do not name is one that import-linter does not see."""
    settings = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    named = set(re.findall(r"appliance\.(\w+)", settings.partition("layers = [")[2]))
    here = {path.stem for path in (CHECKOUT / "appliance").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert here - {"__init__", "__pycache__"} <= named


def test_shellcheck_finds_nothing():
    scripts = [path for path in ours() if path.read_bytes()[:40].startswith((b"#!/bin/sh", b"#!/usr/bin/env bash"))]
    assert CHECKOUT / "install.sh" in scripts
    passes("shellcheck", *scripts)


@pytest.mark.parametrize("path", ours(".py", under="appliance/core") + ours(".py", under="appliance/masks"), ids=told)
def test_core_and_masks_are_pure(path):
    """No clock, log, thread or file: what they answer follows from what they are given."""
    wanted = imported(ast.walk(tree(path)))
    assert {name for name in wanted if not any(name == pure or name.startswith(f"{pure}.") for pure in PURE)} == set()
    assert called(path) & REACHES_OUT == set()


def test_only_the_veil_makes_masked_frames():
    assert {told(path) for path in PACKAGES if ".MaskedFrame" in called(path)} == {"appliance/core/veiling.py"}
    module = tree(CHECKOUT / "appliance/core/veiling.py")
    makers = [n for n in module.body if "MaskedFrame(" in ast.unparse(n)]
    assert [n.name for n in makers if isinstance(n, ast.FunctionDef)] == ["veil"]
    assert len(makers) == 1


@pytest.mark.parametrize("path", [p for p in PACKAGES if "cli" not in p.parts], ids=told)
def test_only_the_command_line_prints_or_exits(path):
    assert called(path) & FOR_THE_COMMAND_LINE == set()
    assert {name.partition(".")[0] for name in imported(ast.walk(tree(path)))} & {"click", "rich"} == set()


@pytest.mark.parametrize("path", PACKAGES, ids=told)
def test_what_only_some_machines_have_is_imported_when_it_is_built(path):
    assert {name.partition(".")[0] for name in imported(at_top(tree(path)))} & LAZY == set()


def test_help_answers_without_loading_what_it_does_not_need():
    code = "import sys; from appliance.cli import cli; cli(['--help'], standalone_mode=False); print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert {name.partition(".")[0] for name in run.stdout.splitlines()[-1].split()} & NOT_FOR_HELP == set()


@pytest.mark.parametrize("name", parts.names("cli"))
def test_every_command_explains_itself(name):
    run = subprocess.run([sys.executable, "-c", "from appliance.cli import main; main()", name, "--help"],
                         cwd=CHECKOUT, capture_output=True, text=True, check=True)  # fmt: skip
    assert re.search(r"Usage: .*\n\n {2}\w.*", run.stdout), "a command has a line that says what it does"


def test_every_option_has_its_comment():
    lines = config.DEFAULTS.read_text(encoding="utf-8").splitlines()
    bare = [line for line in lines if "=" in line.partition("#")[0] and not line.partition("#")[2].strip()]
    assert bare == []


def test_every_option_is_in_the_file_of_defaults():
    config.load()
    fields = {(s, o) for s, section in options.Config.model_fields.items() for o in section.annotation.model_fields}
    section, listed = "", set()
    for line in config.DEFAULTS.read_text(encoding="utf-8").splitlines():
        if match := re.match(r"\[(\w+)\]", line):
            section = match[1]
        elif match := re.match(r"(\w+) *=", line):
            listed.add((section, match[1]))
    assert listed == fields


@pytest.mark.parametrize("page", ["README.md", "README.ko.md"])
@pytest.mark.parametrize("name", parts.names("cli"))
def test_every_command_is_in_the_readme(name, page):
    assert f"mofy {name}" in (CHECKOUT / page).read_text(encoding="utf-8")


def test_both_readmes_show_the_same_commands_in_the_same_order():
    english, korean = (commands(CHECKOUT / page) for page in ("README.md", "README.ko.md"))
    assert english == korean


def commands(page: Path) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]


@pytest.mark.parametrize("page", ["README.md", "README.ko.md"])
def test_the_two_commands_are_on_the_first_screen(page):
    first_screen = "\n".join((CHECKOUT / page).read_text(encoding="utf-8").splitlines()[:25])
    assert "./install.sh demo" in first_screen
    assert "./install.sh test" in first_screen


@pytest.mark.parametrize("page", ours(".md"), ids=told)
def test_links_to_files_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_changelog_begins_with_this_version():
    newest = re.search(r"^## (\S+)", (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__


def test_no_file_tells_where_it_was_built():
    """Neither a folder of the machine that made it nor a registry's host: pip, npm and apt know theirs."""
    folders = "|".join(("work", "root", "tmp/w", "home/[a-z]+", "Users/[A-Za-z]+"))
    hosts = "|".join(("py" + r"pi\.org", "python" + "hosted", r"registry\.np" + "mjs"))
    telling = re.compile(rf"(?<![\w.$}}])/(?:{folders})/|{hosts}".encode())
    assert {told(path): found[0] for path in ours() if (found := telling.findall(path.read_bytes()))} == {}


def test_the_fetched_photos_are_not_part_of_the_project():
    """Their licence lets anyone fetch them; it does not let us ship them."""
    fetched = {sha256 for archive in scene_photos.ARCHIVES for sha256 in archive.photos.values()}
    assert [told(path) for path in ours() if hashlib.sha256(path.read_bytes()).hexdigest() in fetched] == []
