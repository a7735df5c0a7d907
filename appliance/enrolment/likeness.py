"""How alike faces are that are one photo, one person, or may be taken for each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from appliance.core.identity import Gallery, unit
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


@dataclass(frozen=True, slots=True)
class Resemblance:
    """Somebody enrolled who looks like the new person."""

    name: str
    similarity: float


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
