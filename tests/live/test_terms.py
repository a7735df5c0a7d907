"""Options and wishes together make the pipeline; what cannot be made leaves the covers as they are."""

from __future__ import annotations

import threading
import time

import pytest

from appliance import assembly, config, parts
from appliance.live.mask_maker import MaskMaker
from appliance.live.terms import Terms
from appliance.live.wishes import Wishes
from appliance.masks import MaskOptions, solid
from appliance.pipeline import Pipeline
from tests.scripted import Seen, World, at, bare
from tests.waiting import PATIENCE_S, slowness

PLACE = Seen("stranger", at(160, 120, 60))
BLACK = solid.build(MaskOptions(colour=(0, 0, 0)))
OPTIONS = config.load(changes={"window": {"live_frames": 4}, "look": {"style": "solid", "mode": "selective"}})


class Stage:
    """A stranger who stands still, in front of a pipeline on terms."""

    def __init__(self, make=assembly.mask) -> None:
        self.world = World([[PLACE]] * 60)
        self.pipeline = Pipeline(self.world, None, BLACK, settings=assembly.settings(OPTIONS, 4))
        self.terms = Terms(OPTIONS, None, MaskMaker(OPTIONS.look, make))
        self.index = 0

    def wish(self, **options: object) -> None:
        self.terms.apply(Wishes("selective", options), self.pipeline)

    def left_raw(self) -> float:
        """Share of the face's pixels that the next frame has as the camera saw them."""
        self.terms.take_new_mask(self.pipeline)
        # Of a few hundred frames the script has sixty: the rest are like its first.
        (masked,) = self.pipeline.step(self.world.frame(self.index % 60))
        raw, rect = self.world.drawn((self.index - 4) % 60), PLACE.box.pixels(masked.width, masked.height)
        self.index += 1
        face = slice(rect.y0, rect.y1), slice(rect.x0, rect.x1)
        return float((masked.y[face] == raw.y[face]).mean())

    def play(self, frames: int) -> list[int]:
        """Bare pixels of the stranger in each frame that comes out of so many."""
        found = []
        for _ in range(frames):
            self.terms.take_new_mask(self.pipeline)
            for masked in self.pipeline.step(self.world.frame(self.index)):
                found.append(bare(masked, PLACE))
            self.index += 1
        return found


def test_every_setting_changes_the_next_frame_and_bares_nobody():
    stage = Stage(lambda _: BLACK)
    assert stage.play(8) == [0] * 4
    for wish in ({"margin": 0.0}, {"margin": 2.0}, {"strength": 1}, {"style": "image"}, {"outline": True}, {}):
        stage.wish(**wish)
        assert stage.play(4) == [0] * 4, wish
    assert stage.pipeline.settings == assembly.live_settings(OPTIONS)


@pytest.mark.parametrize("strength", [1, 5])
@pytest.mark.parametrize("style", parts.names("masks"))
def test_no_style_at_any_strength_leaves_the_face_as_it_was(style, strength):
    """Before, while and after the mask is changed."""
    stage = Stage()
    stage.play(8)
    stage.wish(style=style, strength=strength)
    end_at = time.monotonic() + PATIENCE_S
    while stage.terms.mask_in_use != (style, strength, "") and time.monotonic() < end_at:
        assert stage.left_raw() < 0.05
        time.sleep(0.01)
    assert stage.terms.mask_in_use == (style, strength, "")
    assert max(stage.left_raw() for _ in range(10)) < 0.05


@pytest.mark.parametrize("windows", [(1, 12, 4), (12, 1, 2)])
def test_a_window_may_grow_and_shrink_without_a_bare_frame(windows, monkeypatch):
    stage = Stage()
    finders = []
    monkeypatch.setattr(assembly, "live_finder", lambda *made_of: finders.append(made_of) or stage.world)
    stage.play(8)
    out = []
    for window in windows:
        stage.wish(window=window)
        out += stage.play(15)
        assert stage.pipeline.settings.window == window
    assert len(out) == 4 + 15 * len(windows) - windows[-1], "no frame is lost or given twice"
    assert [made_of[0].window.live_frames for made_of in finders] == list(windows)
    assert set(out) == {0}


def test_a_mask_that_takes_long_is_worn_when_it_is_ready_and_no_frame_waits():
    ready = threading.Event()

    def slowly(options):
        assert ready.wait(PATIENCE_S)
        return assembly.mask(options)

    stage = Stage(slowly)
    stage.wish(style="mosaic")
    began = time.monotonic()
    assert set(stage.play(10)) == {0}
    assert time.monotonic() - began < 2 * slowness()
    ready.set()
    end_at = time.monotonic() + PATIENCE_S
    while stage.play(1) == [0] and stage.index < 55 and time.monotonic() < end_at:
        time.sleep(0.02)
    assert stage.terms.fault is None
    assert stage.play(1)[0] > 0, "a mosaic is brighter than black"


def test_a_picture_that_cannot_be_read_keeps_the_old_mask_says_so_and_is_tried_again(tmp_path):
    picture = tmp_path / "no.png"
    picture.write_bytes(b"no picture")
    options = config.load(changes={"look": {"style": "solid", "picture": str(picture)}})
    maker = MaskMaker(options.look)
    wished = Wishes("selective", {"style": "image"}).over(options)
    maker.order(wished)
    assert fetched(maker) is None
    assert maker.fault
    assert "no.png" in maker.fault
    assert "stay as they are" in maker.fault
    from PIL import Image

    Image.new("RGBA", (8, 8), (0, 255, 0, 255)).save(picture)
    maker.order(wished)
    assert fetched(maker) is not None
    assert maker.fault is None


def test_the_mask_that_was_wished_last_is_worn_whichever_is_made_first():
    gates = {"blur": threading.Event(), "mosaic": threading.Event()}

    def gated(options):
        assert gates[options.look.style].wait(PATIENCE_S)
        return options.look.style

    maker = MaskMaker(OPTIONS.look, gated)
    for style in ("blur", "mosaic"):
        maker.order(Wishes("selective", {"style": style}).over(OPTIONS))
    gates["mosaic"].set()
    assert fetched(maker) == "mosaic"
    gates["blur"].set()
    time.sleep(0.1)
    assert maker.finished() is None


def test_a_mask_that_is_ready_is_worn_though_an_older_one_is_finished_after_it():
    """Both between two frames: the mask in use would be the one that nobody wishes any more."""
    gates = {style: threading.Event() for style in ("blur", "mosaic")}
    done = {style: threading.Event() for style in gates}

    class Watched(threading.Thread):
        def run(self):
            style = self._args[0][0]
            super().run()
            done[style].set()

    def gated(options):
        assert gates[options.look.style].wait(PATIENCE_S)
        return options.look.style

    maker = MaskMaker(OPTIONS.look, gated)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(threading, "Thread", Watched)
        for style in ("blur", "mosaic"):
            maker.order(Wishes("selective", {"style": style}).over(OPTIONS))
    for style in ("mosaic", "blur"):
        gates[style].set()
        assert done[style].wait(PATIENCE_S)
    assert maker.finished() == "mosaic"
    assert maker.in_use[0] == "mosaic"


def test_a_wish_taken_back_before_its_mask_was_made_changes_nothing():
    gate = threading.Event()
    maker = MaskMaker(OPTIONS.look, lambda _: gate.wait(PATIENCE_S))
    maker.order(Wishes("selective", {"style": "blur"}).over(OPTIONS))
    maker.order(OPTIONS)
    gate.set()
    time.sleep(0.1)
    assert maker.finished() is None


def fetched(maker: MaskMaker):
    """The next mask, or None when there is a fault instead."""
    end_at = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_at:
        if (mask := maker.finished()) is not None or maker.fault:
            return mask
        time.sleep(0.01)
    raise AssertionError("neither mask nor fault")


def test_until_anything_is_known_everyone_is_covered():
    stage = Stage()
    stage.terms.apply(Wishes(), stage.pipeline)
    assert stage.terms.mode == "cover-everyone"
    assert stage.pipeline.settings.cover_everyone
