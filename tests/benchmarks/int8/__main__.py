"""python -m tests.benchmarks.int8: recall of every form of the detector; writes docs/int8.md. Needs onnxruntime."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from appliance import model_files
from appliance.core.frames import RgbImage, rgb_of
from appliance.core.geometry import Box
from appliance.faces import yunet
from appliance.runtimes import tflite
from tests.benchmarks import setting
from tests.benchmarks.detection.counting import NAMES, SAME_IOU, WIDTH_PX, Labelled, Tally
from tests.benchmarks.detection.sets import Scene, wider
from tests.benchmarks.int8.onnx_file import OnnxFile
from tests.benchmarks.setting import row

PLACE = "detection/wider197"
SIZES = ((640, 384), (320, 192))
FORMS = {"float": "{}-float", "int8, LiteRT": "{}-int8", "int8, TensorRT's file": "{}-int8-onnx"}
THRESHOLDS = (0.3, 0.35, 0.5, 0.7)
"""0.35 is the product's own."""

INTRODUCTION = """# Int8: what whole numbers cost the detector

Written by `{command}`
on {machine}; do not edit by hand.

YuNet as float, as int8 for a processor (LiteRT), and as int8 for a Jetson: the ONNX file with its scales in it, run
here by ONNX Runtime as it stands. TensorRT builds its engine from the same file; it sums in another order, and computes
in half precision what is not int8. No GPU was there to try it on.

Recall by the face's width in the input's pixels: 197 pictures of WIDER FACE's validation set, each shrunk into the
input; a face is found by a box with an IoU of {iou}. `all`: those of 8 px and more; `points`: how far that is from
float's. False: boxes a picture that lie on no labelled face.
"""


def main() -> None:
    options = setting.parser("int8", __doc__).parse_args()
    setting.need(options.data, [PLACE])
    text = [INTRODUCTION.format(command=setting.command("int8"), machine=setting.machine(), iou=SAME_IOU)]
    for size in SIZES:
        text += _section(size, options.data / PLACE)
    setting.finish("".join(text), options.out)


def _section(size: tuple[int, int], folder: Path) -> Iterator[str]:
    name = "yunet-{}x{}".format(*size)
    networks = {form: _network(model.format(name)) for form, model in FORMS.items()}
    tallies = {(threshold, form): Tally() for threshold in THRESHOLDS for form in FORMS}
    for number, scene in enumerate(wider(folder)):
        picture, labels = fitted(scene, size)
        for form, network in networks.items():
            faces = network.detect(picture)
            for threshold in THRESHOLDS:
                sure = [face for face in faces if face.score >= threshold]
                tallies[threshold, form].add(sure, labels, WIDTH_PX, size[1])
        if number % 50 == 49:
            setting.tell(f"{name}: {number + 1} pictures")
    yield f"\n## {name}\n\n"
    yield row("score", "form", *(f"{word} px" for word in NAMES), "all", "points", "false")
    yield row(*["---"] * (5 + len(NAMES)))
    for (threshold, form), tally in tallies.items():
        recalls = [f"{tally.recall(at) or 0:.3f}" for at in range(len(NAMES))]
        all_, float_ = large(tally), large(tallies[threshold, "float"])
        points = f"{100 * (all_ - float_):+.1f}" if form != "float" else ""
        yield row(f"{threshold}", form, *recalls, f"{all_:.3f}", points, f"{tally.false_boxes / tally.pictures:.2f}")


def _network(name: str) -> yunet.YuNet:
    model = model_files.find(name)
    path = model_files.path(model)
    return yunet.build(model, OnnxFile(path) if path.suffix == ".onnx" else tflite.build(path), min(THRESHOLDS))


def fitted(scene: Scene, size: tuple[int, int]) -> tuple[RgbImage, list[Labelled]]:
    """The picture in the input's left upper corner, black beside it, and its labels there."""
    rows, columns = scene.frame.height // 2, scene.frame.width // 2
    y, u, v = scene.frame.y, scene.frame.u, scene.frame.v
    rgb = rgb_of(y[: 2 * rows, : 2 * columns], u[:rows, :columns], v[:rows, :columns])
    scale = min(size[0] / rgb.shape[1], size[1] / rgb.shape[0])
    inside = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    canvas = np.zeros((size[1], size[0], 3), np.uint8)
    canvas[: inside[1], : inside[0]] = cv2.resize(rgb, inside, interpolation=cv2.INTER_AREA)
    return canvas, [replace(label, box=_scaled(label.box, scale)) for label in scene.labels]


def large(tally: Tally) -> float:
    """Recall of all faces but the smallest class."""
    return sum(tally.found[1:]) / max(sum(tally.there[1:]), 1)


def _scaled(box: Box, scale: float) -> Box:
    return Box(box.x0 * scale, box.y0 * scale, box.x1 * scale, box.y1 * scale)


if __name__ == "__main__":
    main()
