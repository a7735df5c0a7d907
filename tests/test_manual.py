"""What the documents tell people to type exists: commands and options of `mofy`, and alike in both languages."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from appliance import parts

CHECKOUT = Path(__file__).resolve().parents[1]
PAGES = sorted([*CHECKOUT.glob("README*.md"), *CHECKOUT.glob("docs/*.md")])
MANUALS = [(CHECKOUT / "docs" / name).read_text(encoding="utf-8") for name in ("manual.md", "manual.ko.md")]
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def typed(page: Path) -> list[str]:
    """Each `mofy ...` of the page's blocks and of its sentences, without comments."""
    text = page.read_text(encoding="utf-8")
    blocks = [line.partition(" #")[0] for block in BLOCK.findall(text) for line in block.splitlines()]
    pieces = [*blocks, *re.findall(r"`([^`\n]+)`", BLOCK.sub("", text))]
    return [found for piece in pieces for found in re.findall(r"(?:(?<![\w/])|(?<=bin/))mofy [a-z][^;|)]*", piece)]


def wrong(line: str) -> str:
    """What of the line `mofy` does not know; empty when it knows all."""
    words = shlex.split(line)[1:]
    if words[0] not in parts.names("cli"):
        return f"no command {words[0]}"
    name = words.pop(0)
    here: click.Command = parts.part("cli", name).command
    context = click.Context(here)
    while isinstance(here, click.Group) and words and not words[0].startswith("-"):
        below = here.get_command(context, words[0])
        if below is None:
            return f"no command {words[0]} in {name}"
        here, name, words = below, words[0], words[1:]
    options = {name for one in here.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in options]
    return f"no option {unknown[0]} of {name}" if unknown else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_to_be_typed_exists(page):
    assert {line: fault for line in typed(page) if (fault := wrong(line))} == {}


def test_the_search_finds_what_is_typed_and_what_is_wrong():
    assert "mofy people add" in " ".join(typed(CHECKOUT / "docs/manual.md"))
    assert wrong("mofy dance") == "no command dance"
    assert wrong("mofy people dance") == "no command dance in people"
    assert wrong("mofy run --sauce x") == "no option --sauce of run"


def test_both_manuals_show_the_same_commands_in_the_same_order():
    english, korean = (
        [line.partition("#")[0].strip() for block in BLOCK.findall(text) for line in block.splitlines()]
        for text in MANUALS
    )
    assert english == korean


def test_both_manuals_name_the_same_places_and_settings():
    """What stands in code's letters is the same in every language, but for what is a word of it."""
    english, korean = ({one for one in re.findall(r"`([^`\n]+)`", text) if one[0] in "/-"} for text in MANUALS)
    assert english == korean


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_a_chapter_lead_to_one(page):
    """Within the manuals, and from outside into them."""
    text = page.read_text(encoding="utf-8")
    missing = []
    for file, mark in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", text):
        target = (page.parent / file).read_text(encoding="utf-8") if file else text
        titles = re.findall(r"^#+ (.+)", target, re.MULTILINE)
        marks = [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]
        if f'<a id="{mark}"></a>' not in target and mark not in marks:
            missing.append(f"{file}#{mark}")
    assert missing == []


def test_slates_and_manuals_use_the_same_words():
    from appliance.live import words

    for language, text in zip(("en", "ko"), MANUALS):
        for situation in words.SITUATIONS.values():
            assert f"**{situation[language].title}** · " in text


@pytest.mark.parametrize("page", ["README.md", "README.ko.md"])
def test_every_library_has_its_reason_in_the_readme(page):
    project = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    block = project.partition("\ndependencies = [")[2].partition("\n]")[0]
    rows = [line for line in (CHECKOUT / page).read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    named = {word for row in rows for word in re.split(r"[ ,|]+", row)}
    assert set(re.findall(r'"([a-z0-9-]+)[>=]', block)) - named == set()


@pytest.mark.parametrize("page", ["README.md", "README.ko.md"])
def test_every_part_of_the_house_has_its_row_in_the_readme(page):
    text = (CHECKOUT / page).read_text(encoding="utf-8")
    here = [path for path in (CHECKOUT / "appliance").iterdir() if path.suffix == ".py" or path.is_dir()]
    names = {f"`{path.name}{'/' * path.is_dir()}`" for path in here if not path.name.startswith(("_", "."))}
    assert {name for name in names if name not in text} == set()


def test_the_faults_that_the_manuals_explain_are_those_that_are_told():
    rows = [
        re.findall(r"^\| ([^|]*[a-z]{4}[^|]*) \|", text.partition("`faults`")[2].partition("<a id")[0], re.MULTILINE)
        for text in MANUALS
    ]
    told = [{row for row in found if re.match(r"(…|the |push |a recording )", row)} for found in rows]
    source = " ".join(path.read_text(encoding="utf-8") for path in sorted((CHECKOUT / "appliance").rglob("*.py")))
    pieces = {piece.strip(" :;") for row in told[0] for piece in re.split("…", row) if len(piece) > 8}
    assert {piece for piece in pieces if piece not in source} == set()
    assert told[0] == told[1]
    assert len(told[0]) == 9
