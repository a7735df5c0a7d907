"""`mofy reveal`, `mofy cover` and `mofy guests`: what is wished, and what a person is told of it."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from appliance import status
from appliance.cli import _faces, cli
from appliance.errors import InputError, MofyError
from appliance.status import ClaimStatus
from appliance.store import Desired, Store
from appliance.store.people import Template
from tests.scripted import identity
from tests.test_status import NOW


class Engine:
    """Reports what it is told to make of claims, as the engine would a moment later."""

    def __init__(self, data, runtime) -> None:
        self._data, self._runtime = data, runtime
        self.answer = ("active", "shown as a guest")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._report()
        self._thread.start()

    def _work(self) -> None:
        while not self._stop.wait(0.05):
            self._report()

    def _report(self) -> None:
        claims = tuple(
            ClaimStatus(one.id, one.kind, *self.answer, one.track, one.person, one.until, one.asked_at)
            for one in Desired(self._data).claims(time.time())
        )
        status.write(replace(NOW, at=time.time(), run="r1", claims=claims), self._runtime)

    def end(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))
    (tmp_path / "run").mkdir()
    return tmp_path / "run"


@pytest.fixture
def engine(data_folder, runtime):
    running = Engine(data_folder, runtime)
    yield running
    running.end()


def mofy(*words: str) -> str:
    result = CliRunner().invoke(cli, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def enrol(data, name: str) -> str:
    template = Template("m", identity(name), np.zeros((112, 112, 3), np.uint8), 0.9, 0.1)
    return Store.open(data, create=True).enrol(name, [template], "test").id


def test_a_guest_comes_for_an_hour_with_a_name_and_goes(engine, data_folder):
    assert mofy("reveal", "7", "--name", "Gus").startswith("face 7: shown as a guest, until ")
    (claim,) = Desired(data_folder).claims(0.0)
    assert (claim.kind, claim.run, claim.track, claim.name) == ("reveal", "r1", 7, "Gus")
    assert claim.until == pytest.approx(time.time() + 3600, abs=30)
    assert mofy("guests").startswith("Gus (face 7): shown as a guest, until ")
    assert mofy("reveal", "7", "--off") == "face 7: no guest any more\n"
    assert mofy("guests") == "no guests, and nobody is covered by wish\n"
    assert {who for _, who, _ in Desired(data_folder).audit()} == {"command line"}


def test_the_end_is_said_as_a_span_or_a_time_of_day(engine, data_folder):
    mofy("reveal", "7", "--for", "30m")
    mofy("reveal", "8", "--until", "2h")
    ends = [claim.until - time.time() for claim in Desired(data_folder).claims(0.0)]
    assert ends == [pytest.approx(1800, abs=30), pytest.approx(7200, abs=30)]
    assert mofy("guests", "--forget") == "2 guests forgotten\n"
    assert Desired(data_folder).claims(0.0) == ()


def test_what_is_refused_is_one_line_and_leaves_nothing(engine, data_folder):
    engine.answer = ("refused", "this face is not in the picture any more")
    with pytest.raises(MofyError, match="face 9: this face is not in the picture any more"):
        mofy("reveal", "9")
    assert Desired(data_folder).claims(0.0) == ()


def test_a_face_and_a_person_are_covered_until_taken_back(engine, data_folder):
    engine.answer = ("active", "covered")
    anna = enrol(data_folder, "Anna")
    assert mofy("cover", "7") == "face 7: covered, until taken back\n"
    assert mofy("cover", "anna", "--for", "1h").startswith("anna: covered, until ")
    assert [(one.kind, one.track, one.person) for one in Desired(data_folder).claims(0.0)] == [
        ("cover", 7, None), ("cover-person", None, anna),
    ]  # fmt: skip
    assert [line.partition(":")[0] for line in mofy("guests").splitlines()] == ["face 7", "Anna"]
    mofy("cover", "7", "--off")
    mofy("cover", "Anna", "--off")
    assert Desired(data_folder).claims(0.0) == ()


def test_a_guest_is_covered_by_name(engine, data_folder):
    mofy("reveal", "7", "--name", "Gus")
    mofy("cover", "gus")
    reveal, cover = Desired(data_folder).claims(0.0)
    assert cover.person == f"guest-{reveal.id}"
    assert "Gus: " in mofy("guests")


@pytest.mark.parametrize("words", [("reveal", "7", "--off"), ("cover", "7", "--off"), ("cover", "Nobody")])
def test_what_is_not_there_is_told(engine, data_folder, words):
    enrol(data_folder, "Anna")
    with pytest.raises(InputError):
        mofy(*words)


@pytest.mark.parametrize("words", [("reveal", "7"), ("cover", "7")])
def test_without_an_engine_no_face_has_a_number(data_folder, runtime, words):
    with pytest.raises(InputError, match="no engine"):
        mofy(*words)
    status.write(replace(NOW, at=time.time() - 60), runtime)
    with pytest.raises(InputError, match="does not answer"):
        mofy(*words)
    assert not data_folder.exists()


def test_a_person_is_covered_without_an_engine_and_the_list_says_that_nobody_obeys(data_folder, runtime):
    enrol(data_folder, "Anna")
    mofy("cover", "Anna")
    assert "no engine is running" in mofy("guests")


def test_an_engine_that_never_answers_is_told(engine, monkeypatch):
    monkeypatch.setattr(_faces, "WAIT_S", 0.3)
    engine.answer = ("pending", "looking at this face")
    with pytest.raises(MofyError, match="not answered yet"):
        mofy("reveal", "7")


@pytest.mark.parametrize("words", [("reveal", "Anna"), ("reveal", "0"), ("reveal", "7", "--for", "soon")])
def test_what_is_mistyped_is_a_question_of_usage(data_folder, words):
    assert CliRunner().invoke(cli, words).exit_code == 2
    assert not data_folder.exists()


def test_a_wish_that_somebody_else_took_back_at_once_is_told(tmp_path):
    with pytest.raises(MofyError, match="took it back"):
        _faces.outcome(tmp_path, "gone")
