"""The labelled sets, and which trials each of them allows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from appliance.core.identity import PHOTO, Person
from appliance.recognition import Look
from tests.benchmarks.detection.sets import groups
from tests.benchmarks.recognition.people import (
    PAD_PX,
    Photo,
    Witness,
    enrol,
    found,
    labelled,
    looked,
    photo,
    without_doubles,
)
from tests.benchmarks.recognition.trials import Trial, alone, chunks, together

LOOKS = 5
"""Looks at one track, where there are several."""

FEW_LOOKS = 3
"""The same where nobody has more photos: just enough evidence to be shown."""

ROUNDS = 12
"""Times each singer's photos are dealt anew into templates and looks."""

MOST_CHUNKS = 3
"""Tracks drawn of one singer in one round."""

LFW_ENROLLED = 150
"""People of LFW against whom everybody else is tried."""

NAMES = {"yoongi": "suga", "taehyung": "v", "namjoon": "rm", "hoseok": "jhope"}
"""The group's photos to enrol go by given names, its labels by stage names."""

Trials = dict[str, list[Trial]]
"""By what was tried: templates - looks, and the circumstances."""


@dataclass(frozen=True, slots=True)
class Set:
    """One labelled set."""

    title: str
    place: str
    note: str
    trials: Callable[[Path, Witness, float], Trials]


def lfw(folder: Path, witness: Witness, min_face_px: float) -> Trials:
    """Pairs, one photo against one; and people with four photos or more, three against one."""
    pairs = [line.split("\t") for line in (folder / "pairs.tsv").read_text(encoding="utf-8").splitlines()]
    paths = sorted({folder / name for first, second, _ in pairs for name in (first, second)})
    photos = {path: photo(path, witness.models, min_face_px) for path in paths}
    people = defaultdict(list)
    for path in paths:
        if photos[path].look is not None:
            people[path.parent.name].append(photos[path])
    ones, threes = list(_lfw_pairs(folder, pairs, photos, witness)), []
    ones += _strangers(dict(list(people.items())[:: max(len(people) // LFW_ENROLLED, 1)]), people, 1, witness)
    several = {name: own for name, own in people.items() if len(own) >= 4}
    for name, own in several.items():
        for at in range(len(own)):
            turned = own[at:] + own[:at]
            person = enrol(name, [one.path for one in turned[1:4]], witness)
            if person is not None:
                threes.append(_once(person, name, turned[0], witness))
    threes += _strangers(several, people, 3, witness)
    return {"1-1 photo": ones, "3-1 photo": threes, **_strangers_in_view(several, people, witness)}


def _strangers_in_view(
    enrolled: Mapping[str, Sequence[Photo]], people: Mapping[str, Sequence[Photo]], witness: Witness
) -> Trials:
    """Three looks at each of those with so many photos, before each of the enrolled: one by one, and all in view."""
    alone_, company = f"3-{FEW_LOOKS} video, alone", f"3-{FEW_LOOKS} video, in company"
    trials: Trials = {alone_: [], company: []}
    for name, own in enrolled.items():
        person = enrol(name, [one.path for one in own[:3]], witness)
        scene = [
            (other, _looks(theirs[:FEW_LOOKS]))
            for other, theirs in people.items()
            if other != name and len(theirs) >= FEW_LOOKS
        ]
        if person is not None:
            trials[alone_] += [alone(person, other, looks, witness.levels, witness.embedder) for other, looks in scene]
            trials[company] += together([person], scene, witness.levels, witness.embedder)
    return trials


def _lfw_pairs(
    folder: Path, pairs: Sequence[Sequence[str]], photos: Mapping[Path, Photo], witness: Witness
) -> Iterator[Trial]:
    for first, second, _ in pairs:
        name, seen = photos[folder / first], photos[folder / second]
        if name.look is None or seen.look is None:
            continue
        person = enrol(name.path.parent.name, [name.path], witness)
        if person is not None:
            yield _once(person, seen.path.parent.name, seen, witness)


def _strangers(
    enrolled: Mapping[str, Sequence[Photo]], people: Mapping[str, Sequence[Photo]], templates: int, witness: Witness
) -> Iterator[Trial]:
    """Everybody's first photo before the gallery of each of the enrolled."""
    for name, own in enrolled.items():
        person = enrol(name, [one.path for one in own[:templates]], witness)
        if person is not None:
            yield from (_once(person, other, theirs[0], witness) for other, theirs in people.items() if other != name)


def singers(folder: Path, witness: Witness, min_face_px: float) -> Trials:
    """Photos dealt into templates and looks, again and again."""
    people = {
        place.name: without_doubles(
            [photo(p, witness.models, min_face_px, PAD_PX) for p in sorted(place.iterdir())], witness.models
        )
        for place in sorted(folder.iterdir())
        if place.is_dir()
    }
    dice = np.random.default_rng(1)
    trials: Trials = defaultdict(list)
    for _ in range(ROUNDS):
        dealt = {name: [own[int(i)] for i in dice.permutation(len(own))] for name, own in people.items()}
        for name, own in dealt.items():
            for templates in (1, LOOKS):
                person = enrol(name, [one.path for one in own[:templates]], witness)
                seen = {other: _looks(theirs[templates if other == name else 0 :]) for other, theirs in dealt.items()}
                if person is not None:
                    _try(trials, f"{templates}", person, seen, witness, MOST_CHUNKS, videos=templates > 1)
    return trials


def band(folder: Path, witness: Witness, min_face_px: float) -> Trials:
    """Two photos to enrol for each of seven men; looks from the group photos, each man's in order."""
    seen: dict[str, list[Look]] = defaultdict(list)
    for scene in groups(folder):
        faces = found(scene.frame, witness.models, min_face_px)
        for label, name in zip(scene.labels, scene.names):
            face = labelled(faces, label.box)
            if face is not None:
                seen[name].append(looked(scene.frame, face))
    trials: Trials = defaultdict(list)
    everybody = []
    for place in sorted((folder / "enrol").iterdir()):
        name, paths = NAMES.get(place.name, place.name), sorted(place.iterdir())
        for templates in (1, 2):
            person = enrol(name, paths[:templates], witness)
            if person is not None:
                _try(trials, f"{templates}", person, seen, witness, len(seen[name]), videos=templates > 1)
        if person is not None:
            everybody.append(person)
    for scene_of in _scenes(seen, LOOKS):
        trials[f"2-{LOOKS} video, all enrolled"] += together(everybody, scene_of, witness.levels, witness.embedder)
    return trials


def _try(
    trials: Trials,
    templates: str,
    person: Person,
    seen: Mapping[str, Sequence[Look]],
    witness: Witness,
    most: int,
    *,
    videos: bool,
) -> None:
    """One person enrolled: everybody's photos one by one; tracks alone, and tracks of all side by side."""
    for name, looks in seen.items():
        for piece in chunks(looks, 1, LOOKS * most):
            trials[f"{templates}-1 photo"].append(alone(person, name, piece, PHOTO, witness.embedder))
        if videos:
            for piece in chunks(looks, LOOKS, most):
                trials[f"{templates}-{LOOKS} video, alone"].append(
                    alone(person, name, piece, witness.levels, witness.embedder)
                )
    if videos:
        for scene in _scenes(seen, LOOKS)[:most]:
            trials[f"{templates}-{LOOKS} video, in company"] += together(
                [person], scene, witness.levels, witness.embedder
            )


def _scenes(seen: Mapping[str, Sequence[Look]], size: int) -> list[list[tuple[str, list[Look]]]]:
    """Everybody's first tracks side by side, then everybody's second, as long as two are there."""
    pieces = {name: chunks(looks, size, len(looks)) for name, looks in seen.items()}
    count = max((len(own) for own in pieces.values()), default=0)
    scenes = [[(name, own[at]) for name, own in pieces.items() if at < len(own)] for at in range(count)]
    return [scene for scene in scenes if len(scene) > 1]


def _once(person: Person, name: str, seen: Photo, witness: Witness) -> Trial:
    assert seen.look is not None
    return alone(person, name, [seen.look], PHOTO, witness.embedder)


def _looks(photos: Sequence[Photo]) -> list[Look]:
    return [one.look for one in photos if one.look is not None]


SETS = (
    Set(
        "LFW",
        "recognition/lfw",
        "500 pairs of the same person and 500 of different ones; beside them everybody before the galleries of "
        f"{LFW_ENROLLED} people. No ten photos of anybody are here: three templates are what it allows, three looks "
        "only of strangers. For `clarity` the photos were made small, unsharp, dark and coarse; the floors lie where "
        "their strangers end.",
        lfw,
    ),
    Set(
        "Eight Korean singers (look-alikes)",
        "recognition/kpop8",
        f"Each one's photos are dealt into templates and looks anew, {ROUNDS} times. Who passes in company with int8 "
        "is one look-alike of one singer: the others are so unlike that they lower what is asked (alone she does not "
        "pass), and she is no company to herself. Dealt 24 times by other dice, 5 of 3864 pass (0.13 %), always she. "
        "More looks are no cure: averaged over all of her photos she is 0.80 as alike as is expected of the singer "
        "herself, and some of the enrolled in the clip avengers are less than that. Nor is asking more where company "
        "lowers the level: with `prove_apart` at 0.78, or 3.5 deviations to stand out by, 2 of 3864 pass and TAR stays "
        "98.3 %, but of avengers' enrolled face-frames 86.3 or 90.8 % are shown instead of 95.5 %. What tells her from "
        'the singer is the second network: the rows `int8, strict` are `certainty = "strict"`, which shows 90.8 % of '
        "avengers.",
        singers,
    ),
    Set(
        "Seven men of one group",
        "detection/bts109",
        "Two photos each to enrol, in another style and year than the 109 group photos: two templates are all there "
        "is.",
        band,
    ),
)
