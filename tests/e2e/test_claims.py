"""A guest in the running engine, as somebody at the command line makes him and a viewer sees him."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from appliance.store import KEY
from tests.mofy_process import CHECKOUT, needs_ffmpeg, needs_gstreamer
from tests.supervised import SHOWN_PX, Supervised
from tests.waiting import slowness

pytestmark = [needs_gstreamer, needs_ffmpeg]

OBEYED_S = 0.15
ON_THE_WAY_S = 0.45
"""Encoder, network and decoder of a busy machine."""


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    running = Supervised(tmp_path_factory.mktemp("claims"))
    running.wait_until_shown()
    yield running
    running.end()


def mofy(box: Supervised, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MOFY_DATA": str(box.data), "XDG_RUNTIME_DIR": str(box.folder)}
    command = [sys.executable, "-m", "appliance.cli", *words]
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)


def stranger(box: Supervised) -> str:
    """The number of the face that is covered, which is red."""
    now = box.wait_for_status(lambda now: len(now.tracks) == 2 and now.shown == 1)
    return str(next(track.id for track in now.tracks if track.person is None))


def revealed(box: Supervised, *words: str) -> str:
    """Reveal red, and wait until he is seen; the number of his face."""
    for _ in range(5):
        face = stranger(box)
        done = mofy(box, "reveal", face, *words)
        if done.returncode == 0:
            break
        # The walk turns at its ends, and who jumps is not revealed.
        assert done.stderr.startswith(f"mofy: face {face}: "), done.stderr
    assert "shown as a guest" in done.stdout, done.stderr
    box.viewer.wait_for(lambda picture: picture.leaked > SHOWN_PX)
    return face


def late(box: Supervised, since: float) -> float:
    """How long red was still bare after this moment."""
    time.sleep(1.0)
    return max((seen.at - since for seen in box.viewer.since(since) if seen.leaked > SHOWN_PX), default=0.0)


def test_until_somebody_says_so_nobody_is_a_guest(box):
    assert not [picture for picture in box.viewer.seen if picture.leaked]
    assert mofy(box, "guests").stdout == "no guests, and nobody is covered by wish\n"


def test_a_guest_is_shown_covered_shown_again_and_forgotten(box):
    face = revealed(box, "--name", "Red", "--for", "30m")
    assert mofy(box, "guests").stdout.startswith(f"Red (face {face}): shown as a guest")
    wished_at = time.monotonic()
    claim = box.desired.cover(box.status().run, int(face), None, "test")
    assert late(box, wished_at) < (OBEYED_S + ON_THE_WAY_S) * slowness()
    box.desired.withdraw(claim, "test")
    box.viewer.wait_for(lambda picture: picture.leaked > SHOWN_PX)
    wished_at = time.monotonic()
    box.desired.forget_guests("test")
    assert late(box, wished_at) < (OBEYED_S + ON_THE_WAY_S) * slowness()


def test_an_engine_that_starts_anew_knows_no_guest(box):
    face = revealed(box)
    count = len(box.deaths)
    box.process.kill()
    box.wait_for_death(count)
    box.wait_until_shown()
    assert late(box, box.deaths[count][0] + 0.3) == 0, "what was sent before it was killed may still have been decoded"
    (told,) = box.wait_for_status(lambda now: bool(now.claims)).claims
    assert (told.state, "earlier run" in told.words) == ("refused", True)
    assert mofy(box, "reveal", face, "--off").returncode == 0


def test_the_panic_button_works_when_the_key_is_lost(box):
    (box.data / KEY).unlink()
    done = mofy(box, "set", "mode", "slate")
    assert (done.returncode, done.stderr) == (0, "")
    box.viewer.wait_for(lambda picture: picture.slate)
    time.sleep(0.5)
    assert box.viewer.seen[-1].slate
