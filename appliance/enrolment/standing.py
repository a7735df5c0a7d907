"""How good a set of templates is, in a word, and what would make it better."""

from __future__ import annotations

from collections.abc import Sequence

from appliance import selfie
from appliance.enrolment.sitting import Footage
from appliance.portraits import SIDE_TURN
from appliance.store.people import Template

GOOD_CLIP, FAIR_CLIP = 5, 3
"""Frames of one clip from which it is good, and fair."""

ADVICE = {
    "one-light": "add a photo or clip in other light",
    "light": "add photos in other light",
    "side": "add a side view",
}


def standing(templates: Sequence[Template], one_clip: bool = False) -> tuple[str, list[str]]:
    """How good a set of templates is, in a word, and what would make it better, in words of ADVICE.

    one_clip: all are of one clip.
    """
    words = {0: "nothing", 1: "weak", 2: "fair", 3: "good", 4: "good"}
    word = words.get(len(templates), "good" if one_clip else "very good")
    advice = ["one-light"] if one_clip and len(templates) >= 3 else []
    if len(templates) < 3:
        advice.append("light")
    if not any(template.turn >= SIDE_TURN for template in templates):
        advice.append("side")
    return word, advice


def verdict(templates: Sequence[Template], one_clip: bool = False) -> str:
    """The same in English."""
    word, codes = standing(templates, one_clip)
    advice = [ADVICE[code] for code in codes]
    count = "1 photo" if len(templates) == 1 else f"{len(templates)} photos"
    return "; ".join([f"{count}: {word}", *advice])


def footage_verdict(footage: Footage) -> str:
    """What was taken of a clip, in words, and what would make the next one better."""
    taken = sum(footage.views.values())
    told = ", ".join(f"{view} {footage.views[view]}" for view in selfie.VIEWS if footage.views[view])
    parts = [f"{taken} of {footage.looked} frames taken: {told}"]
    parts.append("good" if taken >= GOOD_CLIP else "fair" if taken >= FAIR_CLIP else "weak")
    if set(footage.views) <= {"frontal"}:
        parts.append("turn the head slowly to both sides")
    elif taken < GOOD_CLIP:
        parts.append("the others are unsharp, dark, or all alike")
    if footage.cut_short:
        parts.append(f"only the first {selfie.MOST_SECONDS:.0f} seconds were looked at")
    return "; ".join(parts)
