"""python -m tests.benchmarks.detection: recall by size and false boxes; writes docs/detection.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from appliance import assembly
from appliance.options import Config
from tests.benchmarks import setting
from tests.benchmarks.detection.counting import HAIR_IOU, HAIR_SHARE, NAMES, SAME_IOU, WIDTH_PX, Tally
from tests.benchmarks.detection.sets import Scene, groups, wider
from tests.benchmarks.detection.ways import WAYS
from tests.benchmarks.pairs import ALLOWED, IN_WORDS, told
from tests.benchmarks.remembered import RememberedDetector, changed, precisions
from tests.benchmarks.setting import row

LEAST_THRESHOLD = 0.3
SETS: dict[str, tuple[str, Callable[[Path], Iterator[Scene]]]] = {
    "WIDER FACE, 197 pictures of its validation set": ("detection/wider197", wider),
    "109 group photos (labels with hair)": ("detection/bts109", groups),
}
INTRODUCTION = """# Detection: which faces are found

Written by `{command}`
on {machine}; do not edit by hand.

Recall by the face's width in a picture scaled to {width} px wide: faces on which some box lies with an IoU of {iou}
(where labels include the hair: {hair_iou}, and {hair_share:.0%} of the box inside the label). Boxes per picture that
lie on no labelled face, and the share of the picture they cover. Each picture is looked at in the product's own ways:

- one pass: the whole picture shrunk to the network's input; every detection at the threshold counts
- one pass and all tiles: that, and full-resolution tiles, in one frame
- photo: those, tiles of every sharpness between, and all of it turned to each side, as `mofy redact` searches a photo;
  and only what it takes for a face (alone a detection must be surer than the threshold)
- live window, film window: the picture stands still for the look-ahead window, one tile a frame in turn, and
  now and then turned to each side; what is taken for a face in the first frame, or reaches back to it. A picture that
  stands still repeats its mistakes too: of moving people less is found and less is mistaken.

Of these pictures WIDER FACE's were looked at while the level for a single look was chosen (0.4), and looked through for
faces that a tile shows and the window lost; the group photos were only measured.

The labels leave out some faces (far crowds, screens, statues), which count as false boxes here. `threshold` is the
detector's own; {own} is the default.
"""


def main() -> None:
    options = setting.parser("detection", __doc__).parse_args()
    setting.need(options.data, [place for place, _ in SETS.values()])
    text = [
        INTRODUCTION.format(
            command=setting.command("detection"),
            machine=setting.machine(),
            width=WIDTH_PX,
            iou=SAME_IOU,
            hair_iou=HAIR_IOU,
            hair_share=HAIR_SHARE,
            own=precisions()["int8"].faces.threshold,
        )
    ]
    for title, (place, scenes) in SETS.items():
        folder = options.data / place
        if not folder.is_dir():
            text.append(f"\n## {title}\n\nNot measured: {place} is not in the folder of data (--data names it).\n")
            continue
        text += _section(title, partial(scenes, folder))
    setting.finish("".join(text), options.out)


def _section(title: str, scenes: Callable[[], Iterator[Scene]]) -> Iterator[str]:
    own = precisions()["int8"].faces.threshold
    plan = [("int8", own), ("float", own), ("int8", LEAST_THRESHOLD), ("int8", 0.5)]
    tallies = _measure(plan, scenes)
    first = next(iter(tallies.values()))
    yield f"\n## {title}\n\n"
    yield row("way", "network", "threshold", *(f"{name} px" for name in NAMES), "false boxes", "false area")
    yield row(*["---"] * (5 + len(NAMES)))
    yield row("(faces)", "", "", *(str(count) for count in first.there), "", "")
    for (way, precision, threshold), tally in tallies.items():
        recalls = (tally.recall(at) for at in range(len(NAMES)))
        cells = ["-" if recall is None else f"{recall:.3f}" for recall in recalls]
        false = (f"{tally.false_boxes / tally.pictures:.2f}", f"{100 * tally.false_area / tally.pictures:.2f} %")
        yield row(way, precision, f"{threshold:.2f}", *cells, *false)
    yield from _int8_beside_float(tallies, own)


def _int8_beside_float(tallies: Mapping[tuple[str, str, float], Tally], threshold: float) -> Iterator[str]:
    yield "\n" + IN_WORDS.format(name="What int8 costs", good="recall", allowed=100 * ALLOWED) + "\n"
    there = [at for at, count in enumerate(next(iter(tallies.values())).there) if count]
    yield row("way", *(f"{NAMES[at]} px" for at in there), "8 and more px")
    yield row(*["---"] * (2 + len(there)))
    for way in WAYS:
        int8, full = (tallies[way, precision, threshold] for precision in ("int8", "float"))
        yield row(way, *(told(int8.beside(full, at)) for at in (*there, None)))


def _measure(
    plan: list[tuple[str, float]], scenes: Callable[[], Iterator[Scene]]
) -> dict[tuple[str, str, float], Tally]:
    loaded = precisions()
    tallies = {(way, precision, threshold): Tally() for precision, threshold in plan for way in WAYS}
    networks = {word: assembly.detector(_weak(one)) for word, one in loaded.items()}
    for number, scene in enumerate(scenes()):
        # Each picture's passes are shared by all thresholds, then forgotten.
        seen = {word: RememberedDetector(network) for word, network in networks.items()}
        for (way, precision, threshold), tally in tallies.items():
            faces = WAYS[way](seen[precision].at(threshold), scene.frame, loaded[precision])
            tally.add(faces, scene.labels, scene.frame.width, scene.frame.height)
        if number % 20 == 19:
            setting.tell(f"{number + 1} pictures")
    return tallies


def _weak(loaded: Config) -> Config:
    return changed(loaded, {"threshold": LEAST_THRESHOLD})


if __name__ == "__main__":
    main()
