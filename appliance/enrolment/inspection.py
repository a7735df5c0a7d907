"""How good is what is enrolled? Each photo held against the others, by the very rules that decide who is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from appliance.core.faces import Embedding
from appliance.core.identity import (
    NOBODY,
    PHOTO,
    Evidence,
    Gallery,
    Levels,
    Person,
    gallery,
    judge,
    spread,
    unit,
    verify,
)
from appliance.enrolment.likeness import LOOK_ALIKE, SAME_PERSON, TWIN, Resemblance
from appliance.portraits import SIDE_TURN
from appliance.store.people import Dossier, Template

FEWEST = 3
"""Photos below which the others of a person do not tell how the next one will look."""

STAY_ENOUGH, TELL_ENOUGH = 0.8, 0.5
"""Shares of photos that must stay shown, and be recognised, by the others for a gallery to show its person."""

PROVEN = Levels(prove=0.0, prove_apart=0.0, evidence=1)
"""What is asked of a look once its track is proven."""

LONG_RUN = 30
"""Looks of somebody who stays before the camera."""

GOOD_LOOK = 0.9
"""Quality of the look a photo is taken for: how well it was taken is told by itself."""


ADVICE = {
    "refresh": "run `mofy people refresh`: another model looked at some of the photos, and they do not count",
    "one-more": "add one more photo in ordinary light: these are too few to be both safe and shown",
    "two-more": "add two more photos in ordinary light: these are too few to be both safe and shown",
    "like-the-weak": "add two more photos like the weak ones, or a clip in which the head turns slowly",
    "twin": "enrol nobody under two names",
    "alike": "give both who look alike more photos, or `mofy people reject` one for the other",
    "side": "add a side view",
}


@dataclass(frozen=True, slots=True)
class PhotoReport:
    """One photo against the person's others."""

    number: int
    """From 1, in the order of `mofy people show`."""
    similarity: float
    """To the centre of the others; 1 for an only photo."""
    recognised: bool
    """True when the others alone would tell by this single look who it is."""
    stays_shown: bool
    """True when a face like this would stay shown on a track that is proven to be the person."""
    taken_for: str | None
    """Name of somebody else as whom this face would be shown."""
    fault: str | None
    """What is weak about the photo, in words."""


@dataclass(frozen=True, slots=True)
class Report:
    """One person's photos."""

    name: str
    photos: tuple[PhotoReport, ...]
    outdated: int
    """Photos that another model looked at, and that do not count."""
    rejected: int
    alike: tuple[Resemblance, ...]
    """Others who are enrolled and look like the person."""
    level: float
    """Similarity from which somebody may at worst be shown as the person."""
    advice: tuple[str, ...]
    """What to do, most needed first; empty when the gallery is safe and shows its person."""
    codes: tuple[str, ...] = ()
    """The same in words of ADVICE."""

    @property
    def confused(self) -> bool:
        """True when the person may be taken for somebody else who is enrolled, or the other way round."""
        near = any(one.similarity >= self.level for one in self.alike)
        return near or any(photo.taken_for for photo in self.photos)

    @property
    def thin(self) -> bool:
        """True when there is too little to be both safe and shown."""
        count = len(self.photos)
        stay, tell = (sum(getattr(one, what) for one in self.photos) for what in ("stays_shown", "recognised"))
        return count < FEWEST or stay < STAY_ENOUGH * count or tell < TELL_ENOUGH * count


def inspect(everybody: Sequence[Dossier], model: str, names: Sequence[str] | None = None) -> list[Report]:
    """A report of each person, or of those of these very names, by the templates of this model."""
    people = gallery([_person(dossier, model) for dossier in everybody])
    wanted = [one for one in everybody if names is None or one.person.name in names]
    return [_report(dossier, model, people) for dossier in wanted]


def _person(dossier: Dossier, model: str) -> Person:
    own, others = (
        [one.embedding for one in group if one.model == model] for group in (dossier.templates, dossier.rejected)
    )
    width = len((own or others or [np.zeros(1, np.float32)])[0])
    rows, rejected = (np.array(group, np.float32).reshape(-1, width) for group in (own, others))
    return Person(dossier.person.id, dossier.person.name, rows, None, rejected)


def _report(dossier: Dossier, model: str, people: Gallery) -> Report:
    templates = [template for template in dossier.templates if template.model == model]
    row = next((i for i, person in enumerate(people.people) if person.id == dossier.person.id), None)
    photos = [] if row is None else [_photo(number, templates, people, row) for number in range(len(templates))]
    report = Report(
        dossier.person.name,
        tuple(photos),
        len(dossier.templates) - len(templates),
        len(dossier.rejected),
        tuple(_alike(people, row)) if row is not None else (),
        Levels().prove_apart * people.expected(row, LONG_RUN) if row is not None else 1.0,
        (),
    )
    codes = tuple(_advice(report, templates))
    return replace(report, codes=codes, advice=tuple(ADVICE[code] for code in codes))


def _photo(number: int, templates: Sequence[Template], people: Gallery, row: int) -> PhotoReport:
    photo = templates[number]
    others = _without(people, row, number)
    rest = np.delete(people.people[row].templates, number, axis=0)
    similarity = float(unit(rest.mean(axis=0)) @ photo.embedding) if len(rest) else 1.0
    single, live, proven = (_shown_as(photo.embedding, others, levels) for levels in (PHOTO, Levels(), PROVEN))
    person = people.people[row].id
    taken_for = next((people.name(who) for who in (single, live) if who is not None and who != person), None)
    fault = None if single == person or taken_for or not len(rest) else _fault(photo, similarity)
    return PhotoReport(number + 1, similarity, single == person, proven == person, taken_for, fault)


def _without(people: Gallery, row: int, number: int) -> Gallery:
    """The gallery less one photo of one person."""
    person = people.people[row]
    rest = np.delete(person.templates, number, axis=0)
    if not len(rest):
        return gallery([one for one in people.people if one is not person])
    known, centres, spreads = list(people.people), people.centres.copy(), list(people.spreads)
    known[row] = replace(person, templates=rest)
    centres[row], spreads[row] = unit(rest.mean(axis=0)), spread(rest)
    return Gallery(tuple(known), centres, tuple(spreads))


def _shown_as(embedding: Embedding, people: Gallery, levels: Levels) -> str | None:
    """Id of the person as whom a face that looks like this, time after time, would be shown."""
    if people is NOBODY:
        return None
    evidence = Evidence()
    for frame in range(levels.evidence):
        evidence = verify(evidence, people, levels, frame, embedding, GOOD_LOOK, oldest=0)
    return judge(evidence, 0, levels.evidence).person


def _fault(photo: Template, similarity: float) -> str:
    view = "a side view, " if photo.turn >= SIDE_TURN else ""
    if similarity < SAME_PERSON:
        return f"{view}hardly like the others ({similarity:.2f}): is it the same person?"
    return f"{view}little like the others ({similarity:.2f})"


def _alike(people: Gallery, row: int) -> list[Resemblance]:
    similar = people.centres @ people.centres[row]
    found = [
        Resemblance(person.name, float(similar[i]))
        for i, person in enumerate(people.people)
        if i != row and similar[i] >= LOOK_ALIKE
    ]
    return sorted(found, key=lambda one: -one.similarity)


def _advice(report: Report, templates: Sequence[Template]) -> list[str]:
    """Words of ADVICE."""
    advice = []
    if report.outdated:
        advice.append("refresh")
    if len(templates) < FEWEST:
        advice.append("one-more" if len(templates) == FEWEST - 1 else "two-more")
    elif report.thin and not report.confused:
        advice.append("like-the-weak")
    if any(one.similarity >= TWIN for one in report.alike):
        advice.append("twin")
    elif report.confused:
        advice.append("alike")
    if templates and not any(template.turn >= SIDE_TURN for template in templates):
        advice.append("side")
    return advice
