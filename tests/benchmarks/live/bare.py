"""`python -m tests.benchmarks.live.bare FILM PORT`: our own engine with nothing masked, to measure what masking costs.

The same planes, encoder, stream and reports, without finding, following, recognising, waiting and covering. It plays a
film and no camera, to this machine alone.
"""

from __future__ import annotations

import sys

from appliance import cli
from appliance.core.frames import Frame
from appliance.core.veiling import MaskedFrame, veil
from appliance.pipeline import Pipeline
from tests.benchmarks.live import options


class _Nothing:
    def cover(self, y: object, u: object, v: object, token: int) -> None:
        raise AssertionError("there is nothing to cover")


def _step(_: Pipeline, frame: Frame) -> list[MaskedFrame]:
    return [veil(frame, (), _Nothing())]


if __name__ == "__main__":
    film, port = sys.argv[1:]
    sys.argv[1:] = options(film, port)
    Pipeline.step = _step  # type: ignore[method-assign]
    cli.main()
