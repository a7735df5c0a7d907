"""Which looks of a clip are kept: one person's, clear, and unlike each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from appliance.core.grouping import of_one
from appliance.errors import PhotoError
from appliance.selfie.looks import SAME_FACE, Picked

NEAR_DOUBLE = 0.90
"""From here on two looks of one clip are as good as one."""

NEWS = 0.75
"""Once LOOKS_WANTED are taken, what is as alike as that to one of them tells nothing new: many looks alike would
pretend that the person looks so in every light, and ask for too much in another."""

DIFFERENT_SHARE = 0.25
"""Share of frontal looks unlike the others from which a clip shows somebody else, too."""

CLEAR_SHARE = 0.6
"""Looks less clear than this share of the clip's clear ones are blurred by a movement."""

LOOKS_WANTED, LOOKS_MOST = 5, 12
"""More would outweigh every photo."""


def of_one_person(looks: Sequence[Picked]) -> list[Picked]:
    """Those alike, beginning with the one most like the others; raises PhotoError if many frontal ones are not.

    A face that takes another one's place may be followed as if it were the same.
    """
    rows = np.stack([look.embedding for look in looks])
    members = of_one(rows, SAME_FACE)
    frontal = np.array([look.look.view == "frontal" for look in looks])
    others = int((frontal & ~members).sum())
    if others >= 2 and others >= DIFFERENT_SHARE * int(frontal.sum()):
        raise PhotoError("shows different people; cut it so that it shows one person", "others")
    return [look for look, member in zip(looks, members) if member]


def diverse(looks: Sequence[Picked]) -> list[Picked]:
    """At most LOOKS_MOST: the best, then again and again the clear one least like those taken, near doubles never."""
    clarity = np.array([look.look.clarity for look in looks])
    clear = clarity >= CLEAR_SHARE * np.quantile(clarity, 0.9)
    rows = np.stack([look.embedding for look in looks])
    taken = [int(np.argmax([look.look.quality.score for look in looks]))]
    while len(taken) < LOOKS_MOST:
        nearest = (rows @ rows[taken].T).max(axis=1)
        limit = NEAR_DOUBLE if len(taken) < LOOKS_WANTED else NEWS
        worth = np.where(clear & (nearest < limit), (1 - nearest) * clarity, 0.0)
        best = int(np.argmax(worth))
        if worth[best] <= 0:
            break
        taken.append(best)
    return [looks[i] for i in taken]
