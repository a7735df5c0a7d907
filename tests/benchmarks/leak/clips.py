"""Real clips: redacted with their enrolled people, judged by the meter, with controls in the same run."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from appliance import assembly, audit, config, enrolment
from appliance.audit import Audit, Auditor, Watched
from appliance.auditing.detail import BARE, kept
from appliance.core import geometry
from appliance.core.frames import Frame, RgbImage
from appliance.core.identity import NOBODY, Gallery, Person, gallery
from appliance.core.veiling import Cover, Mask, veil
from appliance.files.media_kind import Kind
from appliance.files.redact_plan import Job
from appliance.files.video_reader import Decoded, VideoReader
from appliance.files.video_writer import Encoding, VideoWriter
from appliance.redact import Choices, Parts, Redactor

SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".gif")
ENCODING = Encoding(preset="ultrafast")
"""As `mofy redact` encodes by default."""

WATCHING = ("detector", "models", "recogniser", "subjects")
"""Files of the meter that what it sees of an original depends on, beside audit.py."""

MARGIN = 0.25
"""How far the control's covers reach beyond a face, as the product's do by default."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One clip: the judgement of what `redact` made of it, and what the controls read, in percent of face-frames."""

    name: str
    people: tuple[str, ...]
    photos: tuple[int, ...]
    judgement: Audit
    itself: float
    """The original against itself: must read 100."""
    encoded_anew: float
    """The original only encoded anew, nothing covered: what the encoder takes from the meter's sight."""
    all_covered: float
    """Every face covered by the default mask: must read 0."""


def clips(data: Path, only: Sequence[str]) -> list[Path]:
    """The clips of a folder, those of photos to enrol left out."""
    found = [p for p in sorted(data.rglob("*")) if p.suffix.lower() in SUFFIXES and "enrol" not in p.parts]
    return [path for path in found if not only or path.stem in only]


class Bench:
    """Measures clips. What the meter saw of an original is kept for the next time; the networks are loaded once."""

    def __init__(self, data: Path, scratch: Path, cache: Path, every: int) -> None:
        self._data, self._scratch, self._cache, self._every = data, scratch, cache, every
        self._config = config.load()
        self._models = enrolment.models(self._config)
        self._mask = assembly.mask(self._config)

    def measure(self, clip: Path) -> Measured:
        """Redact, audit, and run the controls."""
        crops, people = self._enrolled(clip)
        watched = self._watched(clip, crops)
        masked = self._redacted(clip, people)
        judgement = audit.judge(watched, clip, masked)
        itself = audit.judge(watched, clip, clip)
        anew = audit.judge(watched, clip, _encoded_anew(clip, self._scratch / f"anew-{masked.name}", self._mask))
        names, photos = tuple(crops), tuple(len(own) for own in crops.values())
        bare = tuple(_bare_percent(one) for one in (itself, anew))
        return Measured(clip.stem, names, photos, judgement, *bare, _covered_percent(clip, watched, self._mask))

    def _enrolled(self, clip: Path) -> tuple[dict[str, list[RgbImage]], Gallery]:
        """Crops and gallery of the people whose photos lie in enrol/<clip>/<person>/."""
        crops, people = {}, []
        for folder in sorted(path for path in (self._data / "enrol" / clip.stem).glob("*") if path.is_dir()):
            accepted = enrolment.look(sorted(folder.iterdir()), self._models, []).templates
            if accepted:
                crops[folder.name] = [template.crop for template in accepted]
                people.append(Person(folder.name, folder.name, np.stack([one.embedding for one in accepted])))
        return crops, gallery(people) if people else NOBODY

    def _redacted(self, clip: Path, people: Gallery) -> Path:
        target = self._scratch / f"{clip.stem}.mp4"
        parts = Parts(self._models.detector, self._models.embedder)
        redactor = Redactor(self._config, people, Choices(ENCODING, overwrite=True), parts)
        outcome = redactor.redact(Job(clip, target, Kind.VIDEO, True))
        if outcome.error:
            raise SystemExit(outcome.error)
        return outcome.target

    def _watched(self, clip: Path, crops: Mapping[str, Sequence[RgbImage]]) -> Watched:
        """What the meter sees depends on clip, photos and meter alone: kept, without anybody's embeddings."""
        place = self._cache / f"{clip.stem}-{_fingerprint(clip, crops, self._every)}.pickle"
        if place.is_file():
            kept_before: Watched = pickle.loads(place.read_bytes())
            return kept_before
        seen = Auditor(crops).watch(clip, self._every)
        watched = replace(seen, subjects=tuple(replace(subject, looks=()) for subject in seen.subjects))
        self._cache.mkdir(parents=True, exist_ok=True)
        place.write_bytes(pickle.dumps(watched))
        return watched


def _fingerprint(clip: Path, crops: Mapping[str, Sequence[RgbImage]], every: int) -> str:
    digest = hashlib.sha256(clip.read_bytes() + str(every).encode())
    for name, own in crops.items():
        digest.update(name.encode() + b"".join(crop.tobytes() for crop in own))
    meter = Path(audit.__file__)
    # A box that is built otherwise cannot be read back.
    for source in (meter, Path(geometry.__file__), *(meter.parent / "auditing" / f"{name}.py" for name in WATCHING)):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _encoded_anew(clip: Path, target: Path, mask: Mask) -> Path:
    with VideoReader(clip) as reader:
        sounds = reader.sounds
        writer = VideoWriter(target, reader.shape, sounds, ENCODING)
        for item in reader:
            if isinstance(item, Decoded):
                writer.write(veil(item.frame, (), mask), item.pts, item.duration)
            else:
                writer.sound(item)
        writer.close()
    return target


def _bare_percent(judgement: Audit) -> float:
    whole = judgement.figures.all_sizes
    return 100 * whole.bare / whole.faces if whole.faces else float("nan")


def _covered_percent(clip: Path, watched: Watched, mask: Mask) -> float:
    """Bare faces in percent when exactly the faces that the meter saw are covered."""
    places = audit.places_of(watched)
    faces = bare = 0
    for index, frame in enumerate(_frames(clip)):
        boxes = [place.sighting.box for place in places.get(index, ())]
        raw = frame.y.copy()
        covers = [Cover(box.grown(MARGIN * box.width, MARGIN * box.height), at) for at, box in enumerate(boxes)]
        masked = veil(frame, covers, mask)
        left = [kept(raw, masked.y, box) for box in boxes]
        faces += sum(value == value for value in left)
        bare += sum(value >= BARE for value in left)
    return 100 * bare / faces if faces else float("nan")


def _frames(clip: Path) -> Iterator[Frame]:
    with VideoReader(clip) as reader:
        yield from (item.frame for item in reader if isinstance(item, Decoded))
