"""What the line works by: the options it was started with, and on top of them what is wished."""

from __future__ import annotations

from appliance import assembly
from appliance.faces import Detector
from appliance.live.mask_maker import MaskKind, MaskMaker
from appliance.live.wishes import Wishes
from appliance.options import Config, Mode, Sign
from appliance.pipeline import Pipeline


class Terms:
    """Brought up to date by the line's thread, read by any."""

    def __init__(self, config: Config, detector: Detector, mask_maker: MaskMaker | None = None) -> None:
        """config: as the pipeline was built; wishes never show more than its mode."""
        self._started_with = config
        self._config = config
        self._detector = detector
        self._mask_maker = mask_maker or MaskMaker(config.look)

    @property
    def mode(self) -> Mode:
        """Whom the picture may show."""
        return self._config.look.mode

    @property
    def sign(self) -> Sign:
        """Where pictures bear the sign that says filming is on."""
        return self._config.look.sign

    @property
    def fault(self) -> str | None:
        """Which wish could not be fulfilled, and why."""
        return self._mask_maker.fault

    @property
    def mask_in_use(self) -> MaskKind:
        """Style, strength and picture of the mask in use."""
        return self._mask_maker.in_use

    def apply(self, wishes: Wishes, pipeline: Pipeline) -> None:
        """Make the pipeline work by these wishes; a new mask follows as soon as it is made."""
        before, self._config = self._config, wishes.over(self._started_with)
        # A shorter window must see the whole frame sooner: the tiles of its grid are fewer.
        same_window = before.window == self._config.window
        finder = None if same_window else assembly.live_finder(self._config, self._detector)
        pipeline.adjust(assembly.live_settings(self._config), finder=finder)
        self._mask_maker.order(self._config)

    def take_new_mask(self, pipeline: Pipeline) -> None:
        """Give the pipeline a mask that was finished since."""
        if (mask := self._mask_maker.finished()) is not None:
            pipeline.adjust(pipeline.settings, mask)
