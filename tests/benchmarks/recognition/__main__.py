"""python -m tests.benchmarks.recognition: who is shown by the product's decision; writes docs/recognition.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import setting
from tests.benchmarks.chosen import CHOSEN_ON
from tests.benchmarks.pairs import ALLOWED, IN_WORDS, told
from tests.benchmarks.rates import percent
from tests.benchmarks.recognition.people import witness
from tests.benchmarks.recognition.sets import SETS, Set, Trials
from tests.benchmarks.recognition.trials import FALSE_ACCEPTS, beside, outcome
from tests.benchmarks.remembered import models, precisions
from tests.benchmarks.setting import row

STRICTLY = "int8, strict"

INTRODUCTION = """# Recognition: who is shown

Written by `{command}`
on {machine}; do not edit by hand.

TAR: faces of the enrolled person that are shown; FAR: faces of others that are shown; in percent, with the bounds that
hold the true share in 95 of 100 such tests. The decision is the product's own: enrolment as `mofy people add`, looks,
quality, evidence and levels as in the pipeline. Faces that the detector misses, or of less than {min_face:.0f} px, are
not counted: they are always covered. Rows are templates - looks:

- photo: one look must do (`mofy redact` on a photo)
- video: so many looks at one track. Shown means that the track was ever proven to be that person
- int8, strict: `certainty = "strict"`, where a second network (SFace) has as much of a say; its levels were tried
  on the clips avengers and herapheri, the singers and the seven men
- alone: nobody else is in view. In company: everybody of the set is in view at once, so that the strangers in view set
  how much somebody must stand out. All enrolled: everybody is, and FAR is being shown by another one's name

Trials of the same two people are alike; the bounds are widened by what pairs of people differ more than dice would.
Where no trial at all ended otherwise, that cannot be told, and the bounds are those of independent trials: too narrow.
Beside it stands what the raw similarity (the person's mean template to the mean look) could reach: TAR at the threshold
that lets that share of this very set's strangers pass. No product can know that threshold.

{chosen}"""


def main() -> None:
    options = setting.parser("recognition", __doc__).parse_args()
    setting.need(options.data, [one.place for one in SETS])
    own = precisions()["int8"]
    text = [
        INTRODUCTION.format(
            command=setting.command("recognition"),
            machine=setting.machine(),
            min_face=own.faces.min_face_px,
            chosen=CHOSEN_ON,
        )
    ]
    for one in SETS:
        text.append(f"\n## {one.title}\n\n{one.note}\n\n")
        folder = options.data / one.place
        if folder.is_dir():
            text += _section(one, folder)
        else:
            text.append(f"Not measured: {one.place} is not in the folder of data (--data names it).\n")
    setting.finish("".join(text), options.out)


def _section(one: Set, folder: Path) -> Iterator[str]:
    tried = dict(_tried(one, folder))
    outcomes = {(what, network): outcome(trials) for network, all_ in tried.items() for what, trials in all_.items()}
    raw = [f"raw TAR at FAR {share:.0e} (threshold)".replace("e-0", "e-") for share in FALSE_ACCEPTS]
    yield row("trial", "network", "TAR %", "of", "FAR %", "of", *raw)
    yield row(*["---"] * (6 + len(raw)))
    for what, network in sorted(outcomes):
        found = outcomes[what, network]
        accepts = (found.true_accepts, found.false_accepts)
        cells = [cell for rate, digits in zip(accepts, (1, 2)) for cell in (percent(rate, digits), str(rate.trials))]
        yield row(what, network, *cells, *(_point(point) for point in found.points))
    yield from _int8_beside_float(tried["int8"], tried["float"])


def _tried(one: Set, folder: Path) -> Iterator[tuple[str, Trials]]:
    """By the networks that were asked, the trials of the set."""
    for precision, loaded in precisions().items():
        setting.tell(f"{one.title}, {precision}")
        own = models(loaded)
        yield precision, one.trials(folder, witness(own), loaded.faces.min_face_px)
        if precision == "int8":
            setting.tell(f"{one.title}, {STRICTLY}")
            yield STRICTLY, one.trials(folder, witness(own, strict=True), loaded.faces.min_face_px)


def _int8_beside_float(int8: Trials, full: Trials) -> Iterator[str]:
    yield "\n" + IN_WORDS.format(name="What int8 costs", good="TAR, more for FAR", allowed=100 * ALLOWED) + "\n"
    yield row("trial", "TAR", "pairs", "FAR", "pairs")
    yield row(*["---"] * 5)
    for what in sorted(int8):
        shown, passed = (beside(int8[what], full[what], same=same) for same in (True, False))
        cells = (told(shown), str(shown.pairs), told(passed, more_is_better=False), str(passed.pairs))
        yield row(what, *cells)


def _point(point: tuple[float, float] | None) -> str:
    return "-" if point is None else f"{100 * point[0]:.1f} ({point[1]:.2f})"


if __name__ == "__main__":
    main()
