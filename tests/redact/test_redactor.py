"""Files through the pipeline: who is covered, what is counted, and what is left when something goes wrong."""

from __future__ import annotations

import gc
import resource
import signal
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from appliance import config
from appliance.core.identity import NOBODY, Gallery
from appliance.errors import ModelError
from appliance.files.redact_plan import plan
from appliance.files.video_reader import VideoReader
from appliance.files.video_writer import Encoding
from appliance.pipeline import Pipeline
from appliance.redact import Choices, Outcome, Parts, Redactor
from tests.coloured_faces import ColourDetector, ColourEmbedder, colour_left, parts, people, scene
from tests.make_clips import Clip, Sound, make, read

SIZE = (320, 192)
FRAMES = 50
CONFIG = config.load(None, {"look": {"style": "solid"}})
FINE = Choices(Encoding(quality=8, preset="ultrafast"))


def film(path: Path, **extra: object) -> Path:
    """Red walks to the right, green to the left below it; both from the first frame to the last."""
    pictures = [scene(SIZE, red=(10 + 3 * n, 10, 48), green=(240 - 3 * n, 120, 48)) for n in range(FRAMES)]
    return make(path, Clip(size=SIZE, frames=FRAMES, pictures=pictures, options={"crf": "4"}, **extra))


def redact(
    source: Path, target: Path, who: Gallery = NOBODY, choices: Choices = FINE, made: Parts | None = None
) -> Outcome:
    job = plan([source], target, overwrite=choices.overwrite).jobs[0]
    return Redactor(CONFIG, who, choices, made or parts()).redact(job)


def left(path: Path, colour: str) -> list[int]:
    return [colour_left(picture, colour) for picture in read(path).pictures]


def test_with_nobody_enrolled_everybody_is_covered_in_every_frame(tmp_path):
    source = film(tmp_path / "in.mp4", sounds=[Sound(seconds=2)])
    outcome = redact(source, tmp_path / "out.mp4")
    assert outcome.error is None
    assert min(left(source, "red") + left(source, "green")) > 1500
    assert max(left(tmp_path / "out.mp4", "red") + left(tmp_path / "out.mp4", "green")) == 0
    assert (outcome.frames, outcome.covered, outcome.shown) == (FRAMES, 2 * FRAMES, 0)
    assert len(outcome.tracks) == 2
    assert read(tmp_path / "out.mp4").sounds == read(source).sounds
    assert read(tmp_path / "out.mp4").times == read(source).times


def test_who_is_enrolled_is_shown_and_the_other_one_is_not(tmp_path):
    source = film(tmp_path / "in.mp4")
    outcome = redact(source, tmp_path / "out.mp4", people("green"))
    assert outcome.error is None
    assert max(left(tmp_path / "out.mp4", "red")) == 0
    bare = [count > 1500 for count in left(tmp_path / "out.mp4", "green")]
    assert sum(bare) == outcome.by_person["Green"] == outcome.shown > 0.7 * FRAMES
    assert outcome.covered == 2 * FRAMES - outcome.shown


def test_the_last_frames_are_counted_like_the_others(tmp_path):
    """A track that begins while the pipeline is being emptied is a track too."""
    pictures = [scene(SIZE, **({"red": (40, 40, 48)} if n > 38 else {})) for n in range(FRAMES)]
    source = make(tmp_path / "in.mp4", Clip(size=SIZE, frames=FRAMES, pictures=pictures))
    assert len(redact(source, tmp_path / "out.mp4").tracks) == 1


def test_python_looks_for_garbage_as_usual_again_once_a_film_is_done_or_has_failed(tmp_path):
    usual, during = gc.get_threshold(), set()

    class Watching(ColourDetector):
        def detect(self, rgb):
            during.add(gc.get_threshold())
            return super().detect(rgb)

    made = Parts(Watching(), ColourEmbedder())
    source = film(tmp_path / "in.mp4")
    assert redact(source, tmp_path / "out.mp4", made=made).error is None
    assert max(during) > usual
    assert gc.get_threshold() == usual
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(source.read_bytes()[:-2000])
    assert redact(broken, tmp_path / "none.mp4").error is not None
    assert gc.get_threshold() == usual


def test_a_turned_film_is_searched_upright(tmp_path):
    from tests.make_clips import turned

    source = turned(film(tmp_path / "in.mp4"), 0, 1, -1, 0)
    seen: list[tuple[int, int]] = []

    class Watching(ColourDetector):
        def detect(self, rgb):
            content = np.argwhere(rgb.max(axis=2) > 20).max(axis=0)
            seen.append((int(content[1]) + 1, int(content[0]) + 1))
            return super().detect(rgb)

    outcome = redact(source, tmp_path / "out.mp4", made=Parts(Watching(), ColourEmbedder()))
    assert outcome.error is None
    assert seen[0][0] < seen[0][1], "taller than wide"
    assert max(left(tmp_path / "out.mp4", "red")) == 0


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_a_photo_shows_the_enrolled_and_covers_the_other(tmp_path, suffix):
    Image.fromarray(scene((400, 300), red=(20, 30, 80), green=(220, 150, 80))).save(
        tmp_path / f"in{suffix}", quality=98
    )
    outcome = redact(tmp_path / f"in{suffix}", tmp_path / f"out{suffix}", people("green"))
    assert outcome.error is None
    after = np.asarray(Image.open(tmp_path / f"out{suffix}").convert("RGB"))
    assert colour_left(after, "red") == 0
    assert colour_left(after, "green") > 5000
    assert (outcome.frames, outcome.covered, outcome.shown, outcome.by_person["Green"]) == (1, 1, 1, 1)


def test_an_animated_gif_becomes_a_film(tmp_path):
    pictures = [Image.fromarray(scene(SIZE, red=(10 + 4 * n, 20, 48))) for n in range(10)]
    pictures[0].save(tmp_path / "in.gif", save_all=True, append_images=pictures[1:], duration=100)
    (tmp_path / "out").mkdir()
    outcome = redact(tmp_path / "in.gif", tmp_path / "out")
    assert outcome.error is None
    assert outcome.target == tmp_path / "out" / "in.mp4"
    assert max(left(outcome.target, "red")) == 0
    assert [float(time) for time in read(outcome.target).times] == pytest.approx([n / 10 for n in range(10)])


def test_sound_that_mp4_cannot_hold_makes_it_matroska(tmp_path):
    source = film(tmp_path / "in.mkv", time_base=Fraction(1, 1000), sounds=[Sound("wavpack")]).rename(
        tmp_path / "in.webm"
    )
    (tmp_path / "out").mkdir()
    outcome = redact(source, tmp_path / "out")
    assert outcome.error is None
    assert outcome.target.name == "in.mkv"
    assert read(outcome.target).sounds == read(source).sounds


def test_a_name_that_was_asked_for_is_not_changed(tmp_path):
    source = film(tmp_path / "in.mkv", time_base=Fraction(1, 1000), sounds=[Sound("wavpack")])
    outcome = redact(source, tmp_path / "out.mp4")
    assert outcome.error is not None
    assert "cannot hold wavpack sound; name the output .mkv" in outcome.error
    assert not (tmp_path / "out.mp4").exists()


def only(folder: Path, *names: str) -> None:
    assert sorted(path.name for path in folder.rglob("*")) == sorted(names)


def test_a_broken_file_leaves_nothing(tmp_path):
    source = film(tmp_path / "in.mp4")
    data = bytearray(source.read_bytes())
    middle = data.index(b"mdat") + (data.index(b"moov") - data.index(b"mdat")) // 2
    data[middle : middle + 900] = bytes(range(225)) * 4
    source.write_bytes(data)
    outcome = redact(source, tmp_path / "out.mp4")
    assert outcome.error is not None
    assert "is damaged" in outcome.error
    assert outcome.record()["output"] is None
    only(tmp_path, "in.mp4")


@pytest.mark.parametrize("failure", [ModelError("the network is ill"), RuntimeError("what?"), MemoryError()])
def test_a_failing_network_leaves_nothing(tmp_path, failure):
    class Failing(ColourDetector):
        calls = 0

        def detect(self, rgb):
            self.calls += 1
            if self.calls > 30:
                raise failure
            return super().detect(rgb)

    outcome = redact(film(tmp_path / "in.mp4"), tmp_path / "out.mp4", made=Parts(Failing(), ColourEmbedder()))
    assert outcome.error is not None
    assert "\n" not in outcome.error
    only(tmp_path, "in.mp4")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("after", [1, 30, FRAMES])
def test_an_interruption_leaves_nothing_and_goes_on_outwards(tmp_path, stop, after):
    def progress(done: int, expected: int | None) -> None:
        if done == after:
            raise stop

    job = plan([film(tmp_path / "in.mp4", sounds=[Sound()])], tmp_path / "out.mp4", overwrite=False).jobs[0]
    with pytest.raises(stop):
        Redactor(CONFIG, NOBODY, FINE, parts()).redact(job, progress)
    only(tmp_path, "in.mp4")


@contextmanager
def small_files():
    """No file may grow beyond 40 kB, as on a full disk; the report of the tests too, so leave it soon."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture
def long_film(tmp_path):
    noise = np.random.default_rng(1).integers(0, 256, (FRAMES, SIZE[1], SIZE[0], 3), dtype=np.uint8)
    return make(tmp_path / "in.mp4", Clip(size=SIZE, frames=FRAMES, pictures=list(noise)))


def test_a_full_disk_leaves_nothing(tmp_path, long_film):
    with small_files():
        outcome = redact(long_film, tmp_path / "out.mp4")
    assert outcome.error is not None
    assert "file too large" in outcome.error
    only(tmp_path, "in.mp4")


def test_a_full_disk_leaves_no_photo(tmp_path):
    grain = np.random.default_rng(1).integers(90, 130, (300, 300, 1), dtype=np.uint8)
    Image.fromarray(np.repeat(grain, 3, axis=2)).save(tmp_path / "in.webp", quality=30)
    with small_files():
        outcome = redact(tmp_path / "in.webp", tmp_path / "out.png")
    assert outcome.error is not None
    assert "file too large" in outcome.error
    only(tmp_path, "in.webp")


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    film(tmp_path / "in.mp4")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "in.mp4").write_bytes((tmp_path / "in.mp4").read_bytes())
    jobs = plan([tmp_path / "photos"], tmp_path / "out", overwrite=False).jobs
    (tmp_path / "out").write_text("in the way")
    outcome = Redactor(CONFIG, NOBODY, FINE, parts()).redact(jobs[0])
    assert outcome.error is not None


def test_metadata_is_kept_only_when_asked_for(tmp_path):
    source = film(tmp_path / "in.mp4", tags={"title": "Kim at home"})
    assert redact(source, tmp_path / "a.mp4").error is None
    assert redact(source, tmp_path / "b.mp4", choices=Choices(FINE.encoding, keep_metadata=True)).error is None
    assert "title" not in read(tmp_path / "a.mp4").tags
    assert read(tmp_path / "b.mp4").tags["title"] == "Kim at home"


def test_a_frame_that_goes_missing_is_an_error(tmp_path, monkeypatch):
    take = Pipeline.take
    monkeypatch.setattr(Pipeline, "take", lambda self, found: take(self, found)[found.frame.index == 30 :])
    outcome = redact(film(tmp_path / "in.mp4"), tmp_path / "out.mp4")
    assert outcome.error is not None
    assert "50 frames went in but 49 came out" in outcome.error
    only(tmp_path, "in.mp4")


def test_the_report_is_plain_data(tmp_path):
    import json

    outcome = redact(film(tmp_path / "in.mp4"), tmp_path / "out.mp4", people("green"))
    told = json.loads(json.dumps(outcome.record()))
    assert told["frames"] == FRAMES
    assert told["face_frames_covered"] + told["face_frames_shown"] == 2 * FRAMES
    assert told["shown_by_person"] == {"Green": told["face_frames_shown"]}
    assert told["tracks_covered"] >= 1
    assert told["error"] is None
    assert told["fps"] > 0


def test_nothing_stays_open(tmp_path):
    """A thousand files in one run must not run out of descriptors or threads."""
    import threading

    source = film(tmp_path / "in.mp4")
    redact(source, tmp_path / "a.mp4")
    before = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
    for number in range(3):
        assert redact(source, tmp_path / f"{number}.mp4").error is None
        source.write_bytes(source.read_bytes()[:-400])
        assert redact(source, tmp_path / f"broken{number}.mp4").error
        film(source)
    assert (len(list(Path("/proc/self/fd").iterdir())), threading.active_count()) == before


def test_a_reader_may_be_left_early(tmp_path):
    with VideoReader(film(tmp_path / "in.mp4")) as reader:
        next(iter(reader))
