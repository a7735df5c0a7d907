"""python -m tests.benchmarks.attack: can covered faces be told apart? Writes docs/attack.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from appliance import config, parts
from appliance.auditing import models as judges
from appliance.auditing.recogniser import Recogniser
from appliance.core.faces import Landmarks
from appliance.core.veiling import Mask
from appliance.enrolment import Models
from appliance.masks import MaskOptions
from tests.benchmarks import setting
from tests.benchmarks.attack.attackers import (
    AROUND_PX,
    Attacker,
    Evidence,
    around,
    clear,
    colour,
    hidden,
    mobilefacenet,
    nearness,
    sface,
    shape,
    size,
)
from tests.benchmarks.attack.guessing import Guesses, guesses
from tests.benchmarks.attack.masking import FRAMES, NOISE, Noise, averaged, covered, noise
from tests.benchmarks.attack.subjects import Picture, Subject, subjects, usual_landmarks
from tests.benchmarks.rates import percent
from tests.benchmarks.remembered import models
from tests.benchmarks.setting import row

PLACE = "recognition/lfw"
STRENGTHS = {"mosaic": (1, 3, 5), "pixelate": (1, 3, 5), "blur": (1, 3, 5), "solid": (3,), "image": (3,)}
"""Strengths measured of each style; where there is one, strength changes nothing."""

LEFT: dict[str, Attacker] = {
    f"mean colour of the {AROUND_PX} pixels around the cover": around,
    "the cover's shape (width to height)": shape,
    "the cover's size": size,
}
"""What is measured of the picture as it stays."""

INTRODUCTION = """# Attack: who is under the mask?

Written by `{command}`
on {machine}; do not edit by hand.

{people} people of LFW, two pictures each. One is covered as the product does it (margin {margin}, another number for
each face); the attacker has the other one of everybody and guesses which of the {people} it is. He knows where the
cover is, but not where eyes and mouth were. He tries three ways:

- one frame: a covered picture against clear ones
- parrot: against pictures that he covered in the same way himself
- {frames} frames: the mean of {frames} covered frames of a face that stands still before a noisy sensor (deviation
  {luma:.0f} in luma, {chroma:.0f} in chroma), against clear ones; and against covered ones (parrot)

Each cell: percent of right first guesses, and of the right one being among the first tenth, with the bounds that hold
the true share in 95 of 100 such tests. Chance is {chance:.2f} and 10.0. **Bold**: one of both is better than chance
beyond those bounds; of the cells of a mask that keeps nothing one in twenty is so, too, by accident.

The mean colour is no network: it compares the mean y, u and v of the covered place. The mosaic with its dice undone, as
somebody could who knows this source code, is one and the same colour for everybody: `solid`.
Networks see nothing of a picture but what lies under the cover, as `solid` shows: at chance to the last digit.
"""


ANYWAY = """
## What no mask hides

The same guesses from what stays in the picture under any mask. Many pairs of LFW are from one event: one light, one
background, one suit. Compare a mean colour with the colour around the cover, and tiles and `image`, which are fitted to
the cover, with the cover's size. All covers have one shape but where the picture's edge cuts them.

"""


def main() -> None:
    options = setting.parser("attack", __doc__)
    options.add_argument("--people", type=int, help="only so many of them")
    chosen = options.parse_args()
    setting.need(chosen.data, [PLACE])
    folder = chosen.data / PLACE
    loaded = config.load()
    networks = models(loaded)
    people = subjects(folder, networks, loaded.look.margin, loaded.faces.min_face_px)[: chosen.people]
    bench = Bench(people, attackers(networks))
    table = [*bench.rows(), ANYWAY, *bench.anyway()]
    text = INTRODUCTION.format(
        command=setting.command("attack"),
        machine=setting.machine(),
        people=len(people),
        margin=loaded.look.margin,
        frames=FRAMES,
        luma=NOISE[0],
        chroma=NOISE[1],
        chance=100 / len(people),
    )
    if missing := judges.missing():
        text += f"\nNot measured: SFace ({', '.join(model.file for model in missing)} not here; {judges.FETCH}).\n"
    setting.finish("".join([text, "\n", *table]), chosen.out)


def attackers(networks: Models) -> dict[str, Attacker]:
    """By name, those whose models are here."""
    found: dict[str, Attacker] = {"MobileFaceNet": mobilefacenet(networks.embedder)}
    if not judges.missing():
        found["SFace"] = sface(Recogniser())
    return found | {"mean colour": colour}


def styles() -> dict[str, Mask]:
    """Every style at the strengths that are measured, by the words of the table."""
    found: dict[str, Mask] = {}
    for style, strengths in STRENGTHS.items():
        for strength in strengths:
            name = style if len(strengths) == 1 else f"{style} {strength}"
            found[name] = parts.part("masks", style).build(MaskOptions(strength=strength))
    return found


class Bench:
    """All attackers against all styles."""

    def __init__(self, people: Sequence[Subject], attackers: Mapping[str, Attacker]) -> None:
        self.attackers = attackers
        self._people = people
        self._usual = usual_landmarks([subject.had for subject in people])
        dice = np.random.default_rng(1).permutation(2 * len(people)) + 1
        self._tokens = [(int(dice[2 * at]), int(dice[2 * at + 1])) for at in range(len(people))]
        self._noise = noise(2 * max(max(s.covered.frame.width, s.covered.frame.height) for s in people))
        self._clear = {name: [of(clear(subject.had)) for subject in people] for name, of in attackers.items()}

    def rows(self) -> Iterator[str]:
        """The table, from its head on."""
        yield row("mask", "attack", *self.attackers)
        yield row(*["---"] * (2 + len(self.attackers)))
        control = {
            name: guesses(nearness([of(clear(subject.covered)) for subject in self._people], self._clear[name]))
            for name, of in self.attackers.items()
        }
        yield row("none", "one frame", *(_cell(control[name]) for name in self.attackers))
        for style, mask in styles().items():
            setting.tell(style)
            yield from self._attacked(style, mask)

    def anyway(self) -> Iterator[str]:
        """The table of what every mask leaves."""
        yield row("seen", "guessed")
        yield row("---", "---")
        for name, of in LEFT.items():
            seen, had = ([of(clear(one)) for one in group] for group in self._pictures())
            yield row(name, _cell(guesses(nearness(seen, had))))

    def _pictures(self) -> tuple[list[Picture], list[Picture]]:
        return [subject.covered for subject in self._people], [subject.had for subject in self._people]

    def _attacked(self, style: str, mask: Mask) -> Iterator[str]:
        evidence = _covered(self._people, self._tokens, mask, self._usual, self._noise)
        told = {
            name: [[of(one) for one in kind] for kind in evidence] for name, of in self.attackers.items()
        }  # gallery, one frame, many frames
        for words, probe, parrot in (
            ("one frame", 1, False),
            ("one frame, parrot", 1, True),
            (f"{FRAMES} frames", 2, False),
            (f"{FRAMES} frames, parrot", 2, True),
        ):
            cells = [
                _cell(guesses(nearness(told[name][probe], told[name][0] if parrot else self._clear[name])))
                for name in self.attackers
            ]
            yield row(style, words, *cells)


def _covered(
    people: Sequence[Subject], tokens: Sequence[tuple[int, int]], mask: Mask, usual: Landmarks, grain: Noise
) -> tuple[list[Evidence], list[Evidence], list[Evidence]]:
    """Everybody's own picture covered by the attacker; the other one in one frame; and in many, averaged."""
    gallery, one, many = [], [], []
    for subject, (own, other) in zip(people, tokens):
        gallery.append(hidden(subject.had, covered(subject.had, mask, own), usual))
        one.append(hidden(subject.covered, covered(subject.covered, mask, other), usual))
        many.append(hidden(subject.covered, averaged(subject.covered, mask, other, grain), usual))
    return gallery, one, many


def _cell(found: Guesses) -> str:
    words = f"{percent(found.first)}; {percent(found.tenth)}"
    return f"**{words}**" if found.tells else words


if __name__ == "__main__":
    main()
