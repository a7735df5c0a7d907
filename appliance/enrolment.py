"""From a person's photos to checked templates in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from appliance import assembly, model_files
from appliance.config import Config
from appliance.core.faces import Embedding
from appliance.core.frames import RgbImage
from appliance.core.identity import Gallery, unit
from appliance.errors import PhotoError
from appliance.files import pictures
from appliance.finding import Detector
from appliance.portraits import portrait
from appliance.recognition import Embedder
from appliance.store import Store
from appliance.store.archive import Photo
from appliance.store.people import Template

SAME_PERSON = 0.20
"""Similarity a photo needs to the person's other ones. Of strangers 95 in 100 stay below, of look-alikes half; of the
person's own photos 1 or 2 in 100 do, disguised ones mostly: --force is for these."""

SAME_PHOTO = 0.97
"""From here on two photos are one, cut or compressed anew: it would pretend that the person always looks like this."""

LOOK_ALIKE = 0.42
"""Similarity of two people from which MOFY may take one for the other; the averages of most stay below 0.35."""

TWIN = 0.70
"""From here on they are probably one person enrolled under two names."""

SIDE_TURN = 0.35
"""A turn from which a photo tells how the person looks from the side."""


@dataclass(frozen=True, slots=True)
class Models:
    """The networks that look at photos."""

    detector: Detector
    embedder: Embedder
    id: str
    """The embedder's model id, which templates are bound to."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A photo that is not used, and why."""

    photo: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Somebody enrolled who looks like the new person."""

    name: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Sitting:
    """What became of the photos given at once."""

    accepted: tuple[tuple[Path, Template], ...]
    refused: tuple[Refusal, ...]

    @property
    def templates(self) -> list[Template]:
        """Of the accepted photos, in the order given."""
        return [template for _, template in self.accepted]


def models(config: Config) -> Models:
    """The configured networks; raises ModelError."""
    return Models(assembly.detector(config), assembly.embedder(config), model_id(config))


def model_id(config: Config) -> str:
    """The id that templates of this configuration carry."""
    return config.faces.embedder or model_files.default("embedder").id


def look(
    photos: Sequence[Path], models: Models, known: Sequence[Template], choice: int | None = None, force: bool = False
) -> Sitting:
    """Check each photo by itself and against the others and the templates known; force takes unlike ones too.

    choice: the face to take, from 1, from left to right, in photos that hold several.
    """
    refused: list[Refusal] = []
    seen: list[tuple[Path, Template]] = []
    for photo in photos:
        try:
            seen.append((photo, _template(photo, models, choice)))
        except PhotoError as error:
            refused.append(Refusal(photo, str(error).removeprefix(f"{pictures.told(photo)}: ")))
    known = [template for template in known if template.model == models.id]
    seen, doubles = _without_doubles(seen, known)
    if not force:
        seen, strangers = _agreeing(seen, known)
        doubles += strangers
    return Sitting(tuple(seen), tuple(refused + doubles))


def resemblances(templates: Sequence[Template], name: str, people: Gallery) -> list[Resemblance]:
    """Everybody else in the gallery who looks like the person of these templates, the most alike first."""
    if not templates:
        return []
    centre = unit(np.mean([template.embedding for template in templates], axis=0))
    found = [
        Resemblance(person.name, float(other @ centre))
        for person, other in zip(people.people, people.centres)
        if person.name != name
    ]
    return sorted((f for f in found if f.similarity >= LOOK_ALIKE), key=lambda f: -f.similarity)


def verdict(templates: Sequence[Template]) -> str:
    """How good a set of templates is, in a word, and what would make it better."""
    words = {0: "nothing", 1: "weak", 2: "fair", 3: "good", 4: "good"}
    word = words.get(len(templates), "very good")
    advice = []
    if len(templates) < 3:
        advice.append("add photos in other light")
    if not any(template.turn >= SIDE_TURN for template in templates):
        advice.append("add a side view")
    count = "1 photo" if len(templates) == 1 else f"{len(templates)} photos"
    return "; ".join([f"{count}: {word}", *advice])


def refresh(store: Store, models: Models, who: str) -> int:
    """Make templates of other models anew from their crops; returns how many there were."""
    crops = store.outdated(models.id)
    if crops:
        store.re_embed(models.id, {template: embed(models, crop) for template, crop in crops.items()}, who)
    return len(crops)


def templates(photos: Sequence[Photo], models: Models) -> list[Template]:
    """Templates of the faces of an archive."""
    return [Template(models.id, embed(models, photo.crop), photo.crop, photo.quality, photo.turn) for photo in photos]


def embed(models: Models, crop: RgbImage) -> Embedding:
    """Embedding of a (112, 112, 3) crop, averaged with its mirror image's: a face has no favourite side."""
    both: NDArray[np.float32] = models.embedder.embed(np.stack([crop, crop[:, ::-1]]))
    return unit(both.mean(axis=0))


def _template(photo: Path, models: Models, choice: int | None) -> Template:
    found = portrait(pictures.load(photo), models.detector, choice)
    return Template(models.id, embed(models, found.crop), found.crop, found.quality.score, found.quality.turn)


def _without_doubles(
    seen: Sequence[tuple[Path, Template]], known: Sequence[Template]
) -> tuple[list[tuple[Path, Template]], list[Refusal]]:
    kept: list[tuple[Path, Template]] = []
    refused = []
    for photo, template in seen:
        stored = any(float(other.embedding @ template.embedding) >= SAME_PHOTO for other in known)
        twin = next((p for p, other in kept if float(other.embedding @ template.embedding) >= SAME_PHOTO), None)
        if stored:
            refused.append(Refusal(photo, "is stored already, or one nearly the same"))
        elif twin is not None:
            refused.append(Refusal(photo, f"is nearly the same photo as {pictures.told(twin)}"))
        else:
            kept.append((photo, template))
    return kept, refused


def _agreeing(
    seen: Sequence[tuple[Path, Template]], known: Sequence[Template]
) -> tuple[list[tuple[Path, Template]], list[Refusal]]:
    """Photos like the known templates, or like the photo most like the others; then those like any such, in turn."""
    if not seen:
        return [], []
    new = np.stack([template.embedding for _, template in seen])
    members = [template.embedding for template in known]
    taken: list[int] = []
    if not members:
        taken = [int(np.argmax((new @ new.T).sum(axis=1)))]
        members = [new[taken[0]]]
    while True:
        similar = new @ unit(np.mean(members, axis=0))
        similar[taken] = -1
        best = int(np.argmax(similar))
        if similar[best] < SAME_PERSON:
            break
        taken.append(best)
        members.append(new[best])
    reason = "does not look like the person's other photos; if it is the same person, add it with --force"
    refused = [Refusal(photo, reason) for i, (photo, _) in enumerate(seen) if i not in taken]
    return [pair for i, pair in enumerate(seen) if i in taken], refused
