"""People carried from box to box: what an archive takes of them, and what this box makes of what one holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from appliance.enrolment.templates import Models, embed
from appliance.store import Store, exists
from appliance.store.archive import Person, Photo
from appliance.store.people import Dossier, Template, same_name


def packed(people: Sequence[Dossier]) -> list[Person]:
    """As an archive takes them: faces without embeddings."""
    return [Person(one.person, _photos(one.templates), _photos(one.rejected)) for one in people]


def bring(given: Sequence[Person], data: Path, models: Callable[[], Models], who: str, replace: bool) -> list[str]:
    """Enrol these people, all or none; returns the names of those who were enrolled already and stay as they are.

    models: asked for only where somebody must be looked at; replace: nobody stays. Raises StoreError, ModelError.
    """
    # Only so that nobody is looked at for nothing: who is there counts when they are put in place.
    kept = [] if replace else _enrolled_already(given, data)
    wanted = [one for one in given if one.enrolled.name not in kept]
    if wanted:
        kept += Store.open(data, create=True).restore(_looked_at(wanted, models()), who, replace)
    return kept


def _enrolled_already(given: Sequence[Person], data: Path) -> list[str]:
    there = {same_name(person.name) for person in Store.open(data).people()} if exists(data) else set()
    return [one.enrolled.name for one in given if same_name(one.enrolled.name) in there]


def _looked_at(given: Sequence[Person], models: Models) -> list[Dossier]:
    """With embeddings by this box's own models."""
    return [Dossier(one.enrolled, _templates(one.photos, models), _templates(one.rejected, models)) for one in given]


def _photos(templates: Sequence[Template]) -> list[Photo]:
    return [Photo(template.crop, template.quality, template.turn) for template in templates]


def _templates(photos: Sequence[Photo], models: Models) -> list[Template]:
    return [Template(models.id, embed(models, photo.crop), photo.crop, photo.quality, photo.turn) for photo in photos]
