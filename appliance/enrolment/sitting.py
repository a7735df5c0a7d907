"""Photos and clips given at once, and what becomes of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance import selfie
from appliance.enrolment.sifting import Refusal, Seen, sifted
from appliance.enrolment.templates import Models, of_clip, template
from appliance.errors import InputError
from appliance.files import media_kind, pictures
from appliance.store.people import Template


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

    accepted: tuple[Seen, ...]
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
    seen, clips, refused = _seen(photos, models, choice)
    kept, doubles = sifted(seen, known, rejected, models.id, force)
    used = {path for path, _ in kept}
    footage = [
        _footage(path, clip, [one for where, one in kept if where == path])
        for path, clip in clips.items()
        if path in used
    ]
    return Sitting(tuple(kept), (*refused, *_once(doubles, clips, used)), tuple(footage))


def _seen(
    photos: Sequence[Path], models: Models, choice: int | None
) -> tuple[list[Seen], dict[Path, selfie.Clip], list[Refusal]]:
    seen: list[Seen] = []
    clips: dict[Path, selfie.Clip] = {}
    refused: list[Refusal] = []
    for photo in photos:
        try:
            if not is_clip(photo):
                seen.append((photo, template(photo, models, choice)))
            elif photo not in clips:
                clips[photo] = selfie.pick(photo, models.detector, models.embedder, choice)
                seen += [(photo, of_clip(picked, models)) for picked in clips[photo].picked]
        except InputError as error:
            refused.append(Refusal(photo, reason(error, photo), getattr(error, "code", "unreadable")))
    return seen, clips, refused


def is_clip(path: Path) -> bool:
    """True for a file whose first bytes say that it is a video; what cannot be read at all is no clip."""
    try:
        return path.is_file() and media_kind.kind_of(path) is media_kind.Kind.VIDEO
    except OSError:
        return False


def reason(error: InputError, path: Path) -> str:
    """The error's words without the file's name, which stands before them."""
    return str(error).removeprefix(f"{path}: ").removeprefix(f"{pictures.told(path)}: ")


def _footage(clip: Path, looks: selfie.Clip, taken: Sequence[Template]) -> Footage:
    crops = {id(template.crop) for template in taken}
    views = Counter(picked.look.view for picked in looks.picked if id(picked.look.crop) in crops)
    return Footage(clip, looks.looked, looks.cut_short, views)


def _once(refused: Sequence[Refusal], clips: Container[Path], used: Container[Path]) -> list[Refusal]:
    """Photos each; a clip once, and only if no frame of it is used."""
    first = {refusal.photo: refusal for refusal in reversed(refused)}
    photos = [refusal for refusal in refused if refusal.photo not in clips]
    return photos + [refusal for path, refusal in first.items() if path in clips and path not in used]
