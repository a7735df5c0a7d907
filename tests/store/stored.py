"""Who is enrolled in tests of the store."""

import numpy as np

from appliance.store.people import Template
from tests.scripted import identity

MODEL = "model-a"


def template(who="ann", model=MODEL, seed=0):
    crop = np.random.default_rng(seed).integers(0, 255, (112, 112, 3)).astype(np.uint8)
    return Template(model, identity(f"{who}{seed}"), crop, 0.8, 0.1)


def all_bytes(folder):
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
