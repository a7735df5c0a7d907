"""`mofy people` within this process, on painted people."""

import json

import pytest
from click.testing import CliRunner

from appliance import enrolment, model_files
from appliance.cli import cli
from appliance.errors import MofyError
from tests.painted import MODELS, photo


@pytest.fixture(autouse=True)
def _painted(monkeypatch):
    """Photos of painted people, told apart without a network."""
    monkeypatch.setattr(enrolment, "models", lambda config: MODELS)
    monkeypatch.setattr(model_files, "embedder_id", lambda config: MODELS.id)


class Ran:
    """What a command did."""

    def __init__(self, result):
        self.out, self.told, self.code = result.stdout, result.stderr, result.exit_code
        if isinstance(result.exception, MofyError):
            # What main() prints; CliRunner stops one step before it.
            self.told += f"mofy: {result.exception}\n"
        elif result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception


class People:
    """The command, and the folder that it works on."""

    def __init__(self, data):
        self.data = data

    def __call__(self, *words, **environment):
        return Ran(CliRunner(env=environment).invoke(cli, ["people", *map(str, words)]))

    def listed(self):
        return json.loads(self("list", "--json").out)


@pytest.fixture
def people(data_folder):
    return People(data_folder)


@pytest.fixture
def ann(people, tmp_path):
    """Ann is enrolled from two photos."""
    assert people("add", "Ann", photo(tmp_path / "1.png", "ann", 1), photo(tmp_path / "2.png", "ann", 2)).code == 0
    return people
