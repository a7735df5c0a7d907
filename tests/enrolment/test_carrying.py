"""Who is carried to another box is known there by that box's own model, and nobody there is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from appliance.enrolment import Models, carrying, look
from appliance.store import Store
from tests.painted import MODELS, photo


@pytest.fixture
def given(tmp_path):
    """Ann, as an archive has her."""
    home = Store.open(tmp_path / "home", create=True)
    home.enrol("Ann", look([photo(tmp_path / "a.png", "ann")], MODELS, []).templates, "test")
    return carrying.packed(home.dossiers())


def test_faces_become_templates_of_the_other_boxs_model(tmp_path, given):
    other = Models(MODELS.detector, MODELS.embedder, "another")
    assert carrying.bring(given, tmp_path / "away", lambda: other, "test", replace=False) == []
    (ann,) = Store.open(tmp_path / "away").dossiers()
    (was,) = Store.open(tmp_path / "home").dossiers()
    assert [one.model for one in ann.templates] == ["another"]
    assert np.allclose(ann.templates[0].embedding, was.templates[0].embedding)
    assert (ann.templates[0].crop == was.templates[0].crop).all()


def test_who_is_there_stays_unless_he_is_to_be_replaced(tmp_path, given):
    away = tmp_path / "away"
    renamed = [replace(one, enrolled=replace(one.enrolled, name="aNN", note="newer")) for one in given]

    def never() -> Models:
        raise AssertionError("nobody is to be looked at")

    carrying.bring(given, away, lambda: MODELS, "test", replace=False)
    assert carrying.bring(renamed, away, never, "test", replace=False) == ["aNN"]
    assert [one.note for one in Store.open(away).people()] == [""]
    assert carrying.bring(renamed, away, lambda: MODELS, "test", replace=True) == []
    assert [(one.name, one.note) for one in Store.open(away).people()] == [("Ann", "newer")]
