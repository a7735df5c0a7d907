"""Which files are redacted, and where each goes; settled before the first one is touched."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import InputError
from appliance.files.media_kind import Kind, kind_of, promises_media
from appliance.files.outputs import is_part, refuse_taken
from appliance.files.photo_files import SUFFIXES, USUAL, can_write_heif, format_of
from appliance.files.video_writer import MUXERS, muxer_of

FILE_SUFFIXES = frozenset((*SUFFIXES, *MUXERS))


@dataclass(frozen=True, slots=True)
class Job:
    """One file to redact."""

    source: Path
    target: Path
    """Where the output goes; a video's name may still change to a container that holds its sound."""
    kind: Kind
    name_is_given: bool
    """True when the user chose the target's very name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All jobs in order, and the files of folders that are neither photo nor video."""

    jobs: tuple[Job, ...]
    passed_over: tuple[Path, ...]


def plan(inputs: Sequence[Path], out: Path, *, overwrite: bool) -> Plan:
    """Every input's job; raises InputError when an input is missing or OUT does not fit the inputs."""
    for given in inputs:
        if not given.exists():
            raise InputError(f"{given}: there is no such file or folder")
    if len(inputs) == 1 and not inputs[0].is_dir() and not out.is_dir():
        job = Job(inputs[0], out, _kind(inputs[0]), name_is_given=True)
        if not out.parent.is_dir():
            raise InputError(f"{out}: there is no folder {out.parent}")
        refuse_taken(out, overwrite=overwrite)
        _refuse_unknown_name(job)
        return _checked(Plan((job,), ()), inputs)
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: is a file; for a folder or several inputs OUT must be a folder")
    if not out.exists() and out.suffix.lower() in FILE_SUFFIXES:
        raise InputError(f"{out}: is the name of a file; for a folder or several inputs OUT must be a folder")
    jobs: list[Job] = []
    passed_over: list[Path] = []
    for source, place in _listed(inputs, out):
        kind = _kind(source)
        if kind is Kind.UNKNOWN and source not in inputs and not promises_media(source):
            passed_over.append(source)
        else:
            jobs.append(Job(source, _named(place, kind), kind, name_is_given=False))
    return _checked(Plan(tuple(_apart(jobs)), tuple(passed_over)), inputs)


def _refuse_unknown_name(job: Job) -> None:
    if job.kind is Kind.PHOTO:
        format_of(job.target)
    elif job.kind is Kind.VIDEO:
        muxer_of(job.target)


def _kind(path: Path) -> Kind:
    try:
        return kind_of(path) if path.is_file() else Kind.UNKNOWN
    except OSError:
        # The job itself will say why it cannot be read.
        return Kind.UNKNOWN


def _listed(inputs: Sequence[Path], out: Path) -> Iterator[tuple[Path, Path]]:
    """Each file with its place under OUT: a folder keeps its tree, several folders keep their names too."""
    several = len(inputs) > 1
    for given in inputs:
        if not given.is_dir():
            yield given, out / given.name
            continue
        base = out / given.resolve().name if several else out
        for file in _files(given, out):
            yield file, base / file.relative_to(given)


def _files(folder: Path, out: Path) -> Iterator[Path]:
    """Files below the folder in a steady order, hidden ones and earlier outputs left out."""
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and not _same(Path(here, f), out))
        for name in sorted(names):
            file = Path(here, name)
            if not name.startswith(".") and not is_part(file):
                yield file


def _named(place: Path, kind: Kind) -> Path:
    """The place with a name that fits what can be written."""
    suffix = place.suffix.lower()
    if kind is Kind.VIDEO and suffix not in MUXERS:
        return place.with_suffix(".mp4")
    if kind is Kind.PHOTO:
        return _photo_named(place)
    return place


def _photo_named(place: Path) -> Path:
    kind = SUFFIXES.get(place.suffix.lower())
    if kind is None:
        return place.with_suffix(USUAL["GIF"] if place.suffix.lower() == ".gif" else ".jpg")
    return place.with_suffix(".jpg") if kind == "HEIF" and not can_write_heif() else place


def _apart(jobs: Sequence[Job]) -> Iterator[Job]:
    """The jobs with targets that differ: a.avi beside a.mp4 becomes a.avi.mp4."""
    wanted = [job.target for job in jobs]
    for job in jobs:
        target = job.target
        if wanted.count(target) > 1 and target.name != job.source.name:
            target = target.with_name(job.source.name + target.suffix)
        yield Job(job.source, target, job.kind, job.name_is_given)


def _checked(whole: Plan, inputs: Sequence[Path]) -> Plan:
    """Refuse what would lose something: two outputs in one place, or an output on an input."""
    taken: dict[Path, Path] = {}
    sources = {job.source.resolve(): job.source for job in whole.jobs}
    for job in whole.jobs:
        place = job.target.resolve()
        if place in taken:
            raise InputError(f"{taken[place]} and {job.source} would both become {job.target}; redact them separately")
        if place in sources or any(_same(job.target, given) for given in (job.source, *inputs)):
            raise InputError(f"{job.target}: is an input; the original is never written over, choose another OUT")
        taken[place] = job.source
    return whole


def _same(a: Path, b: Path) -> bool:
    try:
        return a.samefile(b)
    except OSError:
        return False
