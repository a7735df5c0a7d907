"""What was seen of a person, made for tests."""

import numpy as np

from appliance.store.people import Template
from tests.scripted import identity


def toward(angle, seed=0):
    """An embedding so alike (cosine) to identity("base")."""
    base, other = identity("base"), identity(f"other {seed}")
    other = other - (other @ base) * base
    other /= np.linalg.norm(other)
    return (angle * base + np.sqrt(1 - angle**2) * other).astype(np.float32)


def template(embedding, turn=0.0):
    return Template("painted", embedding, np.zeros((112, 112, 3), np.uint8), 0.9, turn)


def names(sitting):
    """Files that were taken, and the reasons of the others, by their stems."""
    return [path.stem for path, _ in sitting.accepted], {
        refusal.photo.stem: refusal.reason for refusal in sitting.refused
    }
