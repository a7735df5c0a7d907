"""From a person's photos and clips to checked templates in the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from appliance import assembly, model_files, selfie
from appliance.config import Config
from appliance.core.faces import Embedding
from appliance.core.frames import RgbImage
from appliance.core.identity import Gallery, unit
from appliance.errors import InputError
from appliance.files import media_kind, pictures
from appliance.finding import Detector
from appliance.portraits import SIDE_TURN, embedded, portrait
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

GOOD_CLIP, FAIR_CLIP = 5, 3
"""Frames of one clip from which it is good, and fair."""


@dataclass(frozen=True, slots=True)
class Models:
    """The networks that look at photos."""

    detector: Detector
    embedder: Embedder
    id: str
    """The embedder's model id, which templates are bound to."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A photo or clip that is not used, and why."""

    photo: Path
    reason: str
    code: str = "unreadable"
    """The same in one fixed word: of PhotoError, or "rejected", "stored", "double", "unlike"."""


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Somebody enrolled who looks like the new person."""

    name: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Footage:
    """What became of a clip of which at least one frame is used."""

    clip: Path
    looked: int
    """Frames looked at."""
    cut_short: bool
    """True when only the beginning was looked at."""
    views: Counter[selfie.View]
    """Frames taken of each."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """What became of the photos and clips given at once."""

    accepted: tuple[tuple[Path, Template], ...]
    """Of a clip there are several."""
    refused: tuple[Refusal, ...]
    footage: tuple[Footage, ...] = ()

    @property
    def is_one_clip(self) -> bool:
        """True when all that was accepted is of one clip."""
        return len({path for path, _ in self.accepted}) == len(self.footage) == 1

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
    photos: Sequence[Path],
    models: Models,
    known: Sequence[Template],
    choice: int | None = None,
    force: bool = False,
    rejected: Sequence[Template] = (),
) -> Sitting:
    """Check each photo or clip by itself and against the others and the templates known; force takes unlike ones too.

    choice: the face to take, from 1, from left to right, where there are several. rejected: of who is not the person.
    """
    refused: list[Refusal] = []
    seen: list[tuple[Path, Template]] = []
    clips: dict[Path, selfie.Clip] = {}
    for photo in photos:
        try:
            if not is_clip(photo):
                seen.append((photo, template(photo, models, choice)))
            elif photo not in clips:
                clips[photo] = selfie.pick(photo, models.detector, models.embedder, choice)
                seen += [(photo, _of_clip(picked, models)) for picked in clips[photo].picked]
        except InputError as error:
            refused.append(Refusal(photo, reason(error, photo), getattr(error, "code", "unreadable")))
    seen, doubles = sifted(seen, known, rejected, models.id, force)
    used = {path for path, _ in seen}
    footage = [_footage(path, clip, [t for where, t in seen if where == path]) for path, clip in clips.items()]
    told = refused + _once(doubles, clips, used)
    return Sitting(tuple(seen), tuple(told), tuple(one for one in footage if one.clip in used))


def sifted(
    seen: Sequence[tuple[Path, Template]],
    known: Sequence[Template],
    rejected: Sequence[Template],
    model: str,
    force: bool = False,
) -> tuple[list[tuple[Path, Template]], list[Refusal]]:
    """What is left of the looks when doubles are out, and those unlike the others unless forced; see `look`."""
    known, rejected = ([one for one in group if one.model == model] for group in (known, rejected))
    kept, refused = _without_doubles(seen, known, rejected)
    if not force:
        kept, strangers = _agreeing(kept, known)
        refused += strangers
    return kept, refused


def is_clip(path: Path) -> bool:
    """True for a file whose first bytes say that it is a video; what cannot be read at all is no clip."""
    try:
        return path.is_file() and media_kind.kind_of(path) is media_kind.Kind.VIDEO
    except OSError:
        return False


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


ADVICE = {
    "one-light": "add a photo or clip in other light",
    "light": "add photos in other light",
    "side": "add a side view",
}


def standing(templates: Sequence[Template], one_clip: bool = False) -> tuple[str, list[str]]:
    """How good a set of templates is, in a word, and what would make it better, in words of ADVICE.

    one_clip: all are of one clip.
    """
    words = {0: "nothing", 1: "weak", 2: "fair", 3: "good", 4: "good"}
    word = words.get(len(templates), "good" if one_clip else "very good")
    advice = ["one-light"] if one_clip and len(templates) >= 3 else []
    if len(templates) < 3:
        advice.append("light")
    if not any(template.turn >= SIDE_TURN for template in templates):
        advice.append("side")
    return word, advice


def verdict(templates: Sequence[Template], one_clip: bool = False) -> str:
    """The same in English."""
    word, codes = standing(templates, one_clip)
    advice = [ADVICE[code] for code in codes]
    count = "1 photo" if len(templates) == 1 else f"{len(templates)} photos"
    return "; ".join([f"{count}: {word}", *advice])


def footage_verdict(footage: Footage) -> str:
    """What was taken of a clip, in words, and what would make the next one better."""
    taken = sum(footage.views.values())
    told = ", ".join(f"{view} {footage.views[view]}" for view in selfie.VIEWS if footage.views[view])
    parts = [f"{taken} of {footage.looked} frames taken: {told}"]
    parts.append("good" if taken >= GOOD_CLIP else "fair" if taken >= FAIR_CLIP else "weak")
    if set(footage.views) <= {"frontal"}:
        parts.append("turn the head slowly to both sides")
    elif taken < GOOD_CLIP:
        parts.append("the others are unsharp, dark, or all alike")
    if footage.cut_short:
        parts.append(f"only the first {selfie.MOST_SECONDS:.0f} seconds were looked at")
    return "; ".join(parts)


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
    row: Embedding = embedded(models.embedder, [crop])[0]
    return row


def template(photo: Path, models: Models, choice: int | None) -> Template:
    """Of the face of one photo; raises PhotoError."""
    found = portrait(pictures.load(photo), models.detector, choice)
    return Template(models.id, embed(models, found.crop), found.crop, found.quality.score, found.quality.turn)


def _of_clip(picked: selfie.Picked, models: Models) -> Template:
    quality = picked.look.quality
    return Template(models.id, picked.embedding, picked.look.crop, quality.score, quality.turn)


def _footage(clip: Path, looks: selfie.Clip, taken: Sequence[Template]) -> Footage:
    crops = {id(template.crop) for template in taken}
    views = Counter(picked.look.view for picked in looks.picked if id(picked.look.crop) in crops)
    return Footage(clip, looks.looked, looks.cut_short, views)


def reason(error: InputError, path: Path) -> str:
    """The error's words without the file's name, which stands before them."""
    return str(error).removeprefix(f"{path}: ").removeprefix(f"{pictures.told(path)}: ")


def _once(refused: Sequence[Refusal], clips: Container[Path], used: Container[Path]) -> list[Refusal]:
    """Photos each; a clip once, and only if no frame of it is used."""
    first = {refusal.photo: refusal for refusal in reversed(refused)}
    photos = [refusal for refusal in refused if refusal.photo not in clips]
    return photos + [refusal for path, refusal in first.items() if path in clips and path not in used]


def _without_doubles(
    seen: Sequence[tuple[Path, Template]], known: Sequence[Template], rejected: Sequence[Template]
) -> tuple[list[tuple[Path, Template]], list[Refusal]]:
    kept: list[tuple[Path, Template]] = []
    refused = []
    for photo, template in seen:
        stored = any(float(other.embedding @ template.embedding) >= SAME_PHOTO for other in known)
        twin = next((p for p, other in kept if float(other.embedding @ template.embedding) >= SAME_PHOTO), None)
        if any(float(other.embedding @ template.embedding) >= SAME_PHOTO for other in rejected):
            refused.append(
                Refusal(photo, "was rejected as somebody else; `mofy people unreject` takes that back", "rejected")
            )
        elif stored:
            refused.append(Refusal(photo, "is stored already, or one nearly the same", "stored"))
        elif twin is not None:
            refused.append(Refusal(photo, f"is nearly the same photo as {pictures.told(twin)}", "double"))
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
    refused = [Refusal(photo, reason, "unlike") for i, (photo, _) in enumerate(seen) if i not in taken]
    return [pair for i, pair in enumerate(seen) if i in taken], refused
