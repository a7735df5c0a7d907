import json
import shutil

import pytest
from click.testing import CliRunner

from appliance import model_files
from appliance.cli import cli


def run(*words):
    return CliRunner().invoke(cli, ["models", *words])


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """The models in a folder of this test's own."""
    shutil.copytree(model_files.folder(), tmp_path / "models", ignore=shutil.ignore_patterns("build"))
    monkeypatch.setenv(model_files.ENVIRONMENT, str(tmp_path / "models"))
    return tmp_path / "models"


def test_every_model_is_listed_with_licence_and_source():
    ran = run()
    assert ran.exit_code == 0
    for model in model_files.models():
        assert model.id in ran.output
        assert model.licence in ran.output
        assert model.package in ran.output


def test_json_holds_the_same():
    told = json.loads(run("--json").output)
    assert [entry["model"] for entry in told] == [model.id for model in model_files.models()]
    assert {entry["file"] for entry in told} == {"ok"}


def test_an_altered_file_is_told_and_the_exit_code_says_so(copy):
    model = model_files.default("embedder")
    with (copy / model.file).open("r+b") as file:
        file.write(b"x")
    ran = run()
    assert ran.exit_code == 1
    assert "ALTERED" in ran.output


def test_a_missing_file_is_told(copy):
    (copy / model_files.default("detector").file).unlink()
    ran = run("--json")
    assert ran.exit_code == 1
    assert {"ok", "missing"} == {entry["file"] for entry in json.loads(ran.output)}


def test_what_a_processor_runs_quickly_is_told():
    told = {entry["model"]: entry["delegation"] for entry in json.loads(run("--json").output)}
    for model in model_files.models():
        assert told[model.id].startswith("XNNPACK takes all") == (model.runtime == "tflite")
