"""`python -m tests.benchmarks.live.bare run ...`: MOFY's own engine with nothing masked, to measure what masking costs.

The same camera, planes, encoder, stream and reports, without finding, following, recognising, waiting and covering.
Only for a picture of nobody who minds: it is served on this machine alone, for as long as the benchmark runs.
"""

from __future__ import annotations

from appliance import cli
from appliance.bench import unmasked
from appliance.core.frames import Frame
from appliance.core.veiling import MaskedFrame
from appliance.pipeline import Pipeline


def _step(_: Pipeline, frame: Frame) -> list[MaskedFrame]:
    return [unmasked(frame)]


if __name__ == "__main__":
    Pipeline.step = _step  # type: ignore[method-assign]
    cli.main()
