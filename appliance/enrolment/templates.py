"""From a face to a template by this box's networks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from appliance import assembly, model_files, selfie
from appliance.core.faces import Embedding
from appliance.core.frames import RgbImage
from appliance.faces import Detector, Embedder
from appliance.files import pictures
from appliance.options import Config
from appliance.portraits import embedded, portrait
from appliance.store import Store
from appliance.store.people import Template


@dataclass(frozen=True, slots=True)
class Models:
    """The networks that look at photos."""

    detector: Detector
    embedder: Embedder
    id: str
    """The embedder's model id, which templates are bound to."""


def models(config: Config) -> Models:
    """The configured networks; raises ModelError."""
    return Models(assembly.detector(config), assembly.embedder(config), model_files.embedder_id(config))


def template(photo: Path, models: Models, choice: int | None) -> Template:
    """Of the face of one photo; raises PhotoError."""
    found = portrait(pictures.load(photo), models.detector, choice)
    return Template(models.id, embed(models, found.crop), found.crop, found.quality.score, found.quality.turn)


def embed(models: Models, crop: RgbImage) -> Embedding:
    """Embedding of a (112, 112, 3) crop, averaged with its mirror image's: a face has no favourite side."""
    row: Embedding = embedded(models.embedder, [crop])[0]
    return row


def of_clip(picked: selfie.Picked, models: Models) -> Template:
    """Of one look of a clip."""
    quality = picked.look.quality
    return Template(models.id, picked.embedding, picked.look.crop, quality.score, quality.turn)


def refresh(store: Store, models: Models, who: str) -> int:
    """Make templates of other models anew from their crops; returns how many there were."""
    crops = store.outdated(models.id)
    if crops:
        store.re_embed(models.id, {template: embed(models, crop) for template, crop in crops.items()}, who)
    return len(crops)
