"""A box is measured by itself: the most that holds the rate, and the least where nothing does."""

from __future__ import annotations

from appliance import boards, config, tuning

SMALL = config.load(None, {"camera": {"width": 320, "height": 192, "fps": 30}})


def test_candidates_go_from_the_most_to_the_least_of_one_kind():
    found = tuning.candidates(SMALL)
    assert [(one.detector, one.tiles_a_frame) for one in found[:4]] == [
        ("yunet-640x384-int8", 4), ("yunet-640x384-int8", 2), ("yunet-640x384-int8", 1), ("yunet-320x192-int8", 4),
    ]  # fmt: skip


def test_the_first_that_holds_is_chosen(monkeypatch, photos):
    costs = {4: 40.0, 2: 20.0, 1: 10.0}
    monkeypatch.setattr(tuning, "_frame_ms", lambda config, scene, frames: costs[config.faces.tiles_a_frame])
    outcome = tuning.tune(SMALL)
    assert (outcome.chosen.tiles_a_frame, outcome.chosen.holds, len(outcome.trials)) == (2, True, 2)


def test_where_nothing_holds_the_cheapest_is(monkeypatch, photos):
    monkeypatch.setattr(
        tuning,
        "_frame_ms",
        lambda config, scene, frames: 100.0 + config.faces.tiles_a_frame - len(config.faces.detector),
    )
    outcome = tuning.tune(SMALL)
    assert not outcome.chosen.holds
    assert outcome.chosen.frame_ms == min(trial.frame_ms for trial in outcome.trials)


def test_what_was_found_is_what_the_engine_is_given(photos, tmp_path):
    outcome = tuning.tune(SMALL, frames=20)
    assert all(trial.frame_ms > 0 for trial in outcome.trials)
    tuning.save(outcome, tmp_path)
    loaded = config.load(board=boards.options(tmp_path))
    assert (loaded.faces.detector, loaded.faces.tiles_a_frame) == (
        outcome.chosen.detector, outcome.chosen.tiles_a_frame,
    )  # fmt: skip
