"""What is done with one file inside a cell: decoded, its faces found, judged, cut out and embedded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from appliance import enrolment, selfie
from appliance.core.faces import Face
from appliance.core.frames import RgbImage, uint8
from appliance.core.quality import EYES_PX_FULL, Quality
from appliance.enrolment import Models
from appliance.errors import InputError, PhotoError
from appliance.files import pictures
from appliance.portraits import SIDE_TURN, chosen, cut_out, fault, find, opaque, weakness
from appliance.quarantine.looks import Found, Kind, Look, failed
from appliance.store.people import Template

ENOUGH_PX = 2000
"""A long side that shows a face large enough in nearly every photo of one person, and is decoded four times as fast."""

PREVIEW_PX = 320
MOST_CHOICES = 8
AROUND = 0.7
"""Of a face's size: what is shown around it, so that hair and shoulders tell whose it is."""

RING = (95, 211, 179)
"""The colour of what is shown, as on the page."""


def examine(path: Path, models: Models) -> Look:
    """The look of any file whatever; never raises."""
    kind: Kind = "clip" if enrolment.is_clip(path) else "photo"
    try:
        return _clip(path, models) if kind == "clip" else _photo(path, models)
    except InputError as error:
        return failed(kind, getattr(error, "code", "unreadable"), enrolment.reason(error, path))
    except MemoryError:
        return failed(kind, "large", "needs more memory than there is")
    except Exception as error:  # A decoder given hostile bytes raises whatever its author did not foresee.
        return failed(kind, "unreadable", f"cannot be decoded ({type(error).__name__})")


def _photo(path: Path, models: Models) -> Look:
    rgb = opaque(pictures.load(path, ENOUGH_PX))
    faces = find(rgb, models.detector)
    if faces and _eyes_px(faces) < EYES_PX_FULL:
        whole = opaque(pictures.load(path))
        faces = [face.placed(whole.shape[1] / rgb.shape[1], whole.shape[0] / rgb.shape[0], 0, 0) for face in faces]
        rgb = whole
    try:
        main = chosen(faces, None)
    except PhotoError as error:
        return _undecided(rgb, faces, models, error)
    cut, quality = cut_out(rgb, main)
    preview = _preview(rgb, [main])
    if (code := weakness(quality)) is not None:
        return Look("photo", code, fault(quality) or "", preview=preview)
    found = _found(cut, quality, models)
    return Look("photo", found.code, "", (found,), preview)


def _undecided(rgb: RgbImage, faces: Sequence[Face], models: Models, error: PhotoError) -> Look:
    """Nobody, or several of whom one must be chosen: the largest, from the left, with what each is fit for."""
    large = sorted(faces, key=lambda face: face.box.area, reverse=True)[:MOST_CHOICES]
    large.sort(key=lambda face: face.box.centre[0])
    preview = _preview(rgb, large)
    if not large:
        return Look("photo", "none", str(error), preview=preview)
    found = tuple(_found(*cut_out(rgb, face), models) for face in large)
    return Look("photo", "many", str(error), found, preview)


def _clip(path: Path, models: Models) -> Look:
    clip = selfie.pick(path, models.detector, models.embedder)
    found = tuple(
        Found("side" if one.look.view != "frontal" else "good", _template(one, models)) for one in clip.picked
    )
    views = {one.look.view for one in clip.picked}
    notes = ["good" if len(found) >= enrolment.GOOD_CLIP else "fair" if len(found) >= enrolment.FAIR_CLIP else "weak"]
    if views <= {"frontal"}:
        notes.append("turn")
    if clip.cut_short:
        notes.append("short")
    return Look("clip", "good", "", found, _sheet([one.look.crop for one in clip.picked]), tuple(notes))


def _template(picked: selfie.Picked, models: Models) -> Template:
    quality = picked.look.quality
    return Template(models.id, picked.embedding, picked.look.crop, quality.score, quality.turn)


def _found(cut: RgbImage, quality: Quality, models: Models) -> Found:
    code = weakness(quality) or ("side" if quality.turn >= SIDE_TURN else "good")
    template = Template(models.id, enrolment.embed(models, cut), cut, quality.score, quality.turn)
    return Found(code, template)


def _eyes_px(faces: Sequence[Face]) -> float:
    """The narrowest pair of eyes among the faces that the photo may be of."""
    largest = max(face.box.area for face in faces)
    likely = [face for face in faces if face.box.area * 3 >= largest and face.landmarks is not None]
    return min(float(np.hypot(*(face.landmarks[1] - face.landmarks[0]))) for face in likely)  # type: ignore[index]


def _preview(rgb: RgbImage, faces: Sequence[Face]) -> bytes:
    """A small JPEG of what is around the faces, with a ring around each; of all of it when there is none."""
    rgb, faces = _near(rgb, faces)
    height, width = rgb.shape[:2]
    scale = min(PREVIEW_PX / max(height, width), 1.0)
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    small = uint8(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)).copy()
    for face in faces:
        box = face.placed(scale, scale, 0, 0).box
        corners = ((round(box.x0), round(box.y0)), (round(box.x1), round(box.y1)))
        cv2.rectangle(small, *corners, (16, 32, 31), 5, cv2.LINE_AA)
        cv2.rectangle(small, *corners, RING, 3, cv2.LINE_AA)
    return _jpeg(small)


def _near(rgb: RgbImage, faces: Sequence[Face]) -> tuple[RgbImage, list[Face]]:
    """The part of the picture that holds the faces with AROUND their sizes, and the faces in it."""
    if not faces:
        return rgb, []
    around = faces[0].box
    for face in faces[1:]:
        around = around.union(face.box)
    reach = AROUND * max(max(face.box.width, face.box.height) for face in faces)
    part = around.grown(reach, reach).pixels(rgb.shape[1], rgb.shape[0])
    return rgb[part.y0 : part.y1, part.x0 : part.x1], [face.placed(1, 1, -part.x0, -part.y0) for face in faces]


def _sheet(crops: Sequence[RgbImage]) -> bytes:
    """The looks of a clip side by side, four in a row."""
    most = list(crops[:8])
    columns = min(len(most), 4)
    blank = np.full_like(most[0], 128)
    most += [blank] * (-len(most) % columns)
    rows = [np.hstack(most[i : i + columns]) for i in range(0, len(most), columns)]
    return _jpeg(np.vstack(rows))


def _jpeg(rgb: RgbImage) -> bytes:
    done, encoded = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80])
    return encoded.tobytes() if done else b""
