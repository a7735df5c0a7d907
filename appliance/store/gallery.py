"""Of all that is stored, what the faces in view are compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from appliance.core import identity
from appliance.core.faces import Embedding
from appliance.core.identity import Gallery
from appliance.store.people import Enrolled
from appliance.store.records import Records, Widen


def showable(records: Records, model: str, now: float, widen: Widen | None = None) -> Gallery:
    """Who may be shown at epoch second `now`, by the templates of this model. Raises StoreError."""
    templates = records.embeddings(model, widen=widen)
    rejected = records.embeddings(model, "rejected", widen)
    known = templates.keys() - records.half_known(model) - _misfits(templates, rejected)
    people = [person for person in records.people() if person.shown_at(now) and person.id in known]
    return identity.gallery([_shown(person, templates[person.id], rejected.get(person.id, [])) for person in people])


def _misfits(*known: Mapping[str, Sequence[Embedding]]) -> set[str]:
    """Ids of people with an embedding of another length than most have: damage, which must not cover the others too."""
    sizes = Counter(one.size for table in known for rows in table.values() for one in rows)
    usual = max(sizes, key=sizes.__getitem__, default=0)
    return {person for table in known for person, rows in table.items() if any(one.size != usual for one in rows)}


def _shown(person: Enrolled, templates: Sequence[Embedding], rejected: Sequence[Embedding]) -> identity.Person:
    rows = np.stack(templates)
    others = np.stack(rejected) if rejected else np.zeros((0, rows.shape[1]), np.float32)
    return identity.Person(person.id, person.name, rows, person.expires_at, others)
