"""What is thought of a draft: each photo's verdict, how good the set is, and what would be saved of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, current_app

from appliance import enrolment, model_files
from appliance.enrolment import Resemblance
from appliance.errors import StoreError
from appliance.options import Config
from appliance.quarantine import Look, Warden
from appliance.store import Store, exists
from appliance.store.people import Enrolled, Template
from web.box import box
from web.drafts import Draft, Drafts

_PLACE = "mofy-enrolling"


@dataclass(frozen=True, slots=True)
class Entry:
    """One photo or clip of a draft as the page tells it."""

    number: int
    name: str
    kind: str
    code: str
    """One word: of a look, or why it does not go with the others (double, stored, rejected, unlike)."""
    used: bool
    notes: tuple[str, ...]
    has_picture: bool
    faces: tuple[tuple[int, bool], ...] = ()
    """To choose from: number, and whether it is fit."""
    taken: int = 0
    """Looks that would be saved."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A draft looked at as a whole."""

    entries: tuple[Entry, ...]
    templates: tuple[Template, ...]
    """What would be saved."""
    word: str
    """nothing, weak, fair, good or very good: all there would be of the person."""
    advice: tuple[str, ...]
    """Words of enrolment.ADVICE."""
    count: int
    """Photos there would be of the person."""
    alike: tuple[Resemblance, ...] = ()

    @property
    def stars(self) -> int:
        """0 to 4, for a meter."""
        return ("nothing", "weak", "fair", "good", "very good").index(self.word)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where enrolling happens in this process."""

    drafts: Drafts
    warden: Warden
    model: str


def open_desk(app: Flask, config: Config) -> None:
    """Make ready to enrol; no model is loaded before the first photo."""
    model = model_files.embedder_id(config)
    app.extensions[_PLACE] = Desk(Drafts(), Warden(model), model)


def desk() -> Desk:
    """Of the application at hand."""
    found: Desk = current_app.extensions[_PLACE]
    return found


def stored(person: str | None) -> tuple[Enrolled | None, Sequence[Template], Sequence[Template]]:
    """The person of this id with templates and those rejected; (None, (), ()) when there is none. Raises StoreError."""
    if person is None or not exists(box().data):
        return None, (), ()
    store = Store.open(box().data)
    found = next((one for one in store.people() if one.id == person), None)
    return (None, (), ()) if found is None else (found, store.templates(person), store.rejected(person))


def judged(draft: Draft, force: bool = False, beside: bool = False) -> Judgement:
    """What would become of the draft now; beside: name who is enrolled and looks alike, too. Raises StoreError."""
    person, known, rejected = stored(draft.person)
    if draft.purpose == "reject":
        known, rejected = (), ()
    looks, names = desk().drafts.contents(draft)
    seen = [(Path(str(n)), one.template) for n, look in looks.items() if look.usable for one in look.found]
    # Of who is rejected nobody says that all the photos are of one person.
    kept, refused = enrolment.sifted(seen, known, rejected, desk().model, force or draft.purpose == "reject")
    why = {int(str(one.photo)): one.code for one in reversed(refused)}
    taken = {n: sum(path == Path(str(n)) for path, _ in kept) for n in looks}
    templates = tuple(template for _, template in kept)
    current = [one for one in known if one.model == desk().model]
    one_clip = not current and len({path for path, _ in kept}) == 1 and len(kept) > 1
    word, advice = enrolment.standing([*current, *templates], one_clip)
    entries = tuple(
        Entry(
            number=n,
            name=names[n],
            kind=look.kind,
            code=look.code if not look.usable or taken[n] else why.get(n, look.code),
            used=taken[n] > 0,
            notes=look.notes,
            has_picture=bool(look.preview),
            faces=_choices(look),
            taken=taken[n],
        )
        for n, look in looks.items()
    )
    alike = _alike([*current, *templates], person) if beside and templates else ()
    return Judgement(entries, templates, word, tuple(advice), len(current) + len(templates), alike)


def _choices(look: Look) -> tuple[tuple[int, bool], ...]:
    fit = ((number, one.code in ("good", "side")) for number, one in enumerate(look.found))
    return tuple(fit) if look.code == "many" else ()


def _alike(templates: Sequence[Template], person: Enrolled | None) -> tuple[Resemblance, ...]:
    if not exists(box().data):
        return ()
    gallery = Store.open(box().data).gallery(desk().model, time.time())
    return tuple(enrolment.resemblances(templates, person.name if person else "", gallery))


def alike_to(person: Enrolled) -> tuple[Resemblance, ...]:
    """Others enrolled who look like this person; () when that cannot be told."""
    try:
        store = Store.open(box().data)
        templates = [one for one in store.templates(person.id) if one.model == desk().model]
        return tuple(enrolment.resemblances(templates, person.name, store.gallery(desk().model, time.time())))
    except StoreError:
        return ()
