"""Models that are altered, missing or unknown are named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from appliance import model_files
from tests.doctor.conftest import found, only, site_of


@pytest.fixture
def folder(box, monkeypatch) -> Path:
    copy = box / "models"
    shutil.copytree(model_files.folder(), copy, ignore=shutil.ignore_patterns("build"))
    monkeypatch.setenv(model_files.ENVIRONMENT, str(copy))
    return copy


def test_an_altered_file_and_a_missing_one(box, folder):
    one, other = model_files.models()[:2]
    with (folder / one.file).open("r+b") as file:
        file.seek(1000)
        file.write(b"x")
    (folder / other.file).unlink()
    findings = found(site_of(box), "models")
    assert [finding.level for finding in findings] == ["wrong", "wrong"]
    assert one.file in findings[0].says
    assert "install.sh" in findings[1].says


def test_a_model_that_is_asked_for_and_unknown(box):
    assert "yunet-nothing" in only(site_of(box, faces={"detector": "yunet-nothing"}), "models").says
