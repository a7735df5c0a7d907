"""The models that ship with MOFY: what manifest.toml says of each, and the file itself, checked before it is used."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance.errors import ModelError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from appliance.options import Config

ENVIRONMENT = "MOFY_MODELS"
INSTALLED = Path("/opt/mofy/current/models")
REPAIR = "restore it with `git checkout models/` or run install.sh again"
COLUMNS = ("model", "kind", "input", "precision", "default", "licence", "source", "measured", "file")
"""Headings of `rows`."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One row of the manifest. A byte b of the picture stands for (b - mean) / std."""

    id: str
    family: str
    """Which file of appliance/faces reads it."""
    kind: str
    """"detector" or "embedder"."""
    runtime: str
    """Which file of appliance/runtimes runs it."""
    precision: str
    file: str
    """Path below the models folder."""
    sha256: str
    package: str
    """Registry package it was built from."""
    package_file: str
    package_sha256: str
    licence: str
    licence_file: str
    width: int
    height: int
    layout: str
    colour: str
    mean: float
    std: float
    outputs: tuple[str, ...]
    """Names, sorted."""
    measured: str
    """Accuracy, and on what."""
    default: bool = False
    otherwise: str = ""
    """Id of the model that stands in on a chip that cannot run this one; it gives the same outputs."""


def folder() -> Path:
    """Where the models lie: $MOFY_MODELS, else models/ beside the package, else where install.sh puts them."""
    if chosen := os.environ.get(ENVIRONMENT):
        return Path(chosen)
    beside = Path(__file__).resolve().parent.parent / "models"
    return beside if (beside / "manifest.toml").is_file() else INSTALLED


def models() -> tuple[ModelFile, ...]:
    """All models of the manifest, in its order; raises ModelError when it is missing or wrong."""
    return _read(folder() / "manifest.toml")


def find(model_id: str) -> ModelFile:
    """The model of that id; raises ModelError that lists those there are."""
    known = {model.id: model for model in models()}
    if model_id in known:
        return known[model_id]
    near = get_close_matches(model_id, known, 1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise ModelError(f"there is no model {model_id!r}{hint}; there are {', '.join(known)}")


def default(kind: str) -> ModelFile:
    """The model to use for a "detector" or an "embedder" when nothing else is asked for."""
    for model in models():
        if model.kind == kind and model.default:
            return model
    raise ModelError(f"{folder() / 'manifest.toml'}: no model of kind {kind!r} is marked as default")


def embedder_id(config: Config) -> str:
    """The id of the configured embedder, which stored templates carry: those of another one are not compared."""
    return config.faces.embedder or default("embedder").id


def path(model: ModelFile) -> Path:
    """The model's file once its sha256 was found right; raises ModelError naming the file."""
    file = folder() / model.file
    found = _sha256(file)
    if found != model.sha256:
        raise ModelError(f"{file}: sha256 is {found}, but {model.sha256} was expected; {REPAIR}")
    return file


def rows() -> list[tuple[str, ...]]:
    """One row of text per model under `COLUMNS`; the last says whether the file is what it should be."""
    return [
        (
            model.id,
            model.kind,
            f"{model.width}x{model.height}",
            model.precision,
            "yes" if model.default else "",
            model.licence,
            model.package,
            model.measured,
            _state(model),
        )
        for model in models()
    ]


def _state(model: ModelFile) -> str:
    try:
        path(model)
    except ModelError as error:
        return "missing" if isinstance(error.__cause__, OSError) else "altered"
    return "ok"


@cache
def _sha256(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"{file}: cannot be read ({error.strerror}); {REPAIR}") from error


@cache
def _read(manifest: Path) -> tuple[ModelFile, ...]:
    try:
        table = tomllib.loads(manifest.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{manifest}: cannot be read ({error.strerror}); {REPAIR}") from error
    except ValueError as error:
        raise ModelError(f"{manifest}: not TOML: {error}; {REPAIR}") from error
    return tuple(_model(manifest, row) for row in table.get("model", []))


def _model(manifest: Path, row: Mapping[str, Any]) -> ModelFile:
    try:
        return ModelFile(**{**row, "outputs": tuple(row["outputs"])})
    except (KeyError, TypeError) as error:
        raise ModelError(f"{manifest}: model {row.get('id', '?')!r} is not described right: {error}") from error
