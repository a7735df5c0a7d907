"""Which of several embeddings are one person's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from appliance.core.faces import Embedding
from appliance.core.identity import unit


def of_one(rows: NDArray[np.float32], least: float, known: Sequence[Embedding] = ()) -> NDArray[np.bool_]:
    """Of (n, d) unit rows, n at least 1, those of one person: (n,).

    It begins with the known ones, or else with the row most like all; then comes whichever is most like the mean of
    those before, as long as one is as similar as `least`.
    """
    own = np.zeros(len(rows), bool)
    if not known:
        own[int(np.argmax((rows @ rows.T).sum(axis=1)))] = True
    while True:
        mean = unit(np.mean([*known, *rows[own]], axis=0))
        similar = np.where(own, -1.0, rows @ mean)
        best = int(np.argmax(similar))
        if not similar[best] >= least:
            return own
        own[best] = True
