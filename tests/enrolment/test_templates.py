"""Templates of this box's model."""

import numpy as np
import pytest

from appliance import enrolment
from appliance.enrolment import Models, look, refresh
from appliance.store import Store
from tests.painted import MODELS, photo


def test_another_model_makes_templates_anew_from_the_crops(tmp_path):
    store = Store.open(tmp_path / "data", create=True)
    templates = look([photo(tmp_path / "a.png", "ann")], MODELS, []).templates
    person = store.enrol("Ann", templates, "test")
    newer = Models(MODELS.detector, MODELS.embedder, "newer")
    assert store.gallery("newer", 0.0).people == ()
    assert refresh(store, newer, "test") == 1
    assert refresh(store, newer, "test") == 0
    (again,) = store.templates(person.id)
    assert again.model == "newer"
    assert float(again.embedding @ templates[0].embedding) > 0.999


def test_an_embedding_does_not_depend_on_the_side(tmp_path):
    (was,) = look([photo(tmp_path / "a.png", "ann")], MODELS, []).templates
    assert np.allclose(enrolment.embed(MODELS, was.crop), enrolment.embed(MODELS, was.crop[:, ::-1]), atol=1e-6)
    assert np.linalg.norm(was.embedding) == pytest.approx(1, abs=1e-5)
