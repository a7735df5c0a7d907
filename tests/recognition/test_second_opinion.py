"""The strict level: two networks as one, what is stored widened to match, and a word when the second is missing."""

from __future__ import annotations

import numpy as np
import pytest

from appliance import assembly, config, enrolment
from appliance.auditing import models
from appliance.capture._stage import Stage
from appliance.core.identity import Person, gallery, unit
from appliance.errors import ModelError
from appliance.recognition.second_opinion import Joined, SFace, Widener
from appliance.store import Store, gallery_or_nobody
from appliance.store.people import Template

CROPS = np.random.default_rng(1).integers(0, 255, (3, 112, 112, 3)).astype(np.uint8)
STRICT = {"faces": {"certainty": "strict"}}


class Says:
    """An Embedder of so many numbers that depend on the crop."""

    def __init__(self, dimensions: int) -> None:
        self._dimensions, self.asked = dimensions, 0

    def embed(self, crops: np.ndarray) -> np.ndarray:
        self.asked += len(crops)
        dice = [np.random.default_rng(int(crop.sum()) + self._dimensions) for crop in crops]
        return np.stack([unit(one.normal(size=self._dimensions).astype(np.float32)) for one in dice])


def test_joined_similarity_is_the_mean_of_both():
    first, second = Says(64), Says(16)
    rows = Joined(first, second).embed(CROPS)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    a, b = first.embed(CROPS), second.embed(CROPS)
    np.testing.assert_allclose(rows @ rows.T, (a @ a.T + b @ b.T) / 2, atol=1e-6)


def test_what_is_stored_is_widened_once_and_compares_with_what_is_joined():
    second = Says(16)
    widen = Widener(second)
    stored = Says(64).embed(CROPS[:1])[0]
    wide = widen("id", stored, lambda: CROPS[0])
    asked = second.asked
    np.testing.assert_array_equal(widen("id", stored, lambda: pytest.fail("looked at again")), wide)
    assert second.asked == asked
    assert float(np.linalg.norm(wide)) == pytest.approx(1)
    assert float(wide @ Joined(Says(64), second).embed(CROPS[:1])[0]) > 0.5


def test_the_store_gives_a_gallery_that_is_widened_and_stays_as_it_is(tmp_path):
    first = Says(512)
    store = Store.open(tmp_path, create=True)
    templates = [Template("m", row, crop, 0.9, 0.1) for row, crop in zip(first.embed(CROPS), CROPS)]
    store.enrol("Ann", templates, "test")
    wide, fault = gallery_or_nobody(tmp_path, "m", Widener(Says(128)))
    assert fault is None
    assert wide.people[0].templates.shape == (3, 640)
    assert gallery_or_nobody(tmp_path, "m")[0].people[0].templates.shape == (3, 512)


def test_a_missing_second_network_is_told_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv(models.ENVIRONMENT, str(tmp_path))
    with pytest.raises(ModelError, match="mofy models add strict"):
        assembly.deciding_embedder(config.load(changes=STRICT))
    embedder, widen = assembly.deciding_embedder(config.load())
    assert widen is None
    assert embedder.embed(CROPS).shape == (3, 512)


@pytest.mark.skipif(bool(models.missing((models.SFACE,))), reason="SFace is not here: mofy models add strict")
def test_a_man_walks_through_and_strictly_he_alone_is_shown(photos):
    loaded = config.load(changes=STRICT)
    witness, widen = assembly.deciding_embedder(loaded)
    assert widen is not None
    assert SFace().embed(CROPS).shape == (3, 128)
    own = enrolment.models(loaded)
    sitting = enrolment.look([photos / name for name in ("obama.jpg", "obama2.jpg", "obama3.jpg")], own, [])
    rows = np.stack([widen(str(n), t.embedding, lambda crop=t.crop: crop) for n, t in enumerate(sitting.templates)])
    stage = Stage(photos)
    pipeline = assembly.live(loaded, own.detector, witness, gallery([Person("o", "Obama", rows)]))
    masked = [one for index in range(45) for one in pipeline.step(stage.frame(index))]
    assert sum(len(one.shown) for one in masked) > 15
    assert all(len(one.shown) <= 1 for one in masked)
