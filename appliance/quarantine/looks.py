"""What a cell says of a file, as plain data over a pipe; every field is checked, for the cell may not be itself."""

from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from appliance.core.alignment import CROP_PX
from appliance.core.faces import Embedding
from appliance.core.frames import RgbImage
from appliance.store.people import Template

Kind = Literal["photo", "clip"]
MOST_FOUND = 12
MOST_WIDTH = 4096
MOST_PREVIEW_BYTES = 100_000
CODES = frozenset((
    "good", "side", "many", "none", "small", "turned", "dark", "bright", "flat", "blurred", "unusable", "large",
    "moving", "others", "unreadable", "slow",
))  # fmt: skip
"""All that may be said of a file or of a face, in one word."""

CLIP_NOTES = frozenset(("weak", "fair", "good", "turn", "short"))


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One face of a file: fit to enrol where code is "good" or "side"."""

    code: str
    template: Template


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What was found in one file."""

    kind: Kind
    code: str
    """The verdict in one word of CODES: "good" and "side" are fit to enrol, "many" if one of the faces is chosen."""
    words: str
    """The same in English words."""
    found: tuple[Found, ...] = ()
    """Of a photo the face it is of, or those to choose from, from the left; of a clip the looks worth keeping."""
    preview: bytes = b""
    """JPEG of what was found; empty when nothing could be decoded."""
    notes: tuple[str, ...] = field(default=())
    """Of a clip: how good, and what would make it better, in words of CLIP_NOTES."""

    @property
    def usable(self) -> bool:
        """True when there is something to enrol without a choice."""
        return self.code in ("good", "side")

    def choosing(self, number: int) -> Look:
        """The look with the face of this number (from 0, from the left) chosen; raises IndexError."""
        chosen = self.found[number]
        return replace(self, code=chosen.code, words="", found=(chosen,))


def failed(kind: Kind, code: str, words: str) -> Look:
    """A file of which nothing can be used."""
    return Look(kind, code, words)


def told(look: Look) -> bytes:
    """The look as it goes through the pipe."""
    return json.dumps({
        "kind": look.kind,
        "code": look.code,
        "words": look.words,
        "notes": look.notes,
        "preview": base64.b64encode(look.preview).decode(),
        "found": [
            {
                "code": one.code,
                "model": one.template.model,
                "quality": one.template.quality,
                "turn": one.template.turn,
                "crop": base64.b64encode(one.template.crop.tobytes()).decode(),
                "embedding": base64.b64encode(one.template.embedding.astype("<f4").tobytes()).decode(),
            }
            for one in look.found
        ],
    }).encode()  # fmt: skip


def heard(said: bytes, model: str) -> Look:
    """What the pipe says; model: the id that templates must have. Raises ValueError for anything strange."""
    try:
        given = json.loads(said)
        look = Look(
            kind=_one_of(given["kind"], ("photo", "clip")),  # type: ignore[arg-type]
            code=_one_of(given["code"], CODES),
            words=_line(given["words"]),
            found=tuple(_found(one, model) for one in given["found"][:MOST_FOUND]),
            preview=base64.b64decode(given["preview"])[:MOST_PREVIEW_BYTES],
            notes=tuple(_one_of(note, CLIP_NOTES) for note in given["notes"][: len(CLIP_NOTES)]),
        )
    except (LookupError, TypeError, ValueError, RecursionError, AttributeError) as error:
        raise ValueError(f"no look ({type(error).__name__})") from None
    if (look.usable or look.code == "many") != bool(look.found) or (look.preview and look.preview[:2] != b"\xff\xd8"):
        raise ValueError("a look that contradicts itself")
    return look


def _found(given: dict[str, Any], model: str) -> Found:
    crop: RgbImage = np.frombuffer(base64.b64decode(given["crop"]), np.uint8).reshape(CROP_PX, CROP_PX, 3).copy()
    embedding: Embedding = np.frombuffer(base64.b64decode(given["embedding"]), "<f4").astype(np.float32)
    length = float(np.linalg.norm(embedding))
    quality, turn = (_share(given[name]) for name in ("quality", "turn"))
    if given["model"] != model or not 16 <= embedding.size <= MOST_WIDTH or not abs(length - 1) < 1e-2:
        raise ValueError("no template of the model asked for")
    return Found(_one_of(given["code"], CODES), Template(model, embedding, crop, quality, turn))


def _one_of(word: Any, known: Any) -> str:
    if not isinstance(word, str) or word not in known:
        raise ValueError("an unknown word")
    return word


def _line(words: Any) -> str:
    if not isinstance(words, str):
        raise ValueError("no words")
    return "".join(char if char.isprintable() else " " for char in words)[:300]


def _share(value: Any) -> float:
    share = float(value)
    if not math.isfinite(share) or not 0 <= share <= 1:
        raise ValueError("no share")
    return share
