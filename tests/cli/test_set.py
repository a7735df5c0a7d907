"""`mofy set`: lists, checks before it stores, and says what it did."""

import pytest
from click.testing import CliRunner

from appliance.cli.set import MEANINGS, command
from appliance.errors import ConfigError
from appliance.live import wishes
from appliance.store import Desired


def mofy_set(data, *words: str):
    result = CliRunner().invoke(command, ["--data", str(data), *words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_it_lists_every_setting_and_makes_nothing(tmp_path):
    *listed, legend = mofy_set(tmp_path / "none").output.splitlines()
    assert [line.split()[:2] for line in listed] == [[key, "-"] for key in wishes.KEYS]
    assert legend.startswith("-: as the engine was started")
    assert not (tmp_path / "none").exists()
    assert set(MEANINGS) == set(wishes.KEYS)


def test_it_stores_what_the_engine_reads_and_takes_it_back(tmp_path):
    assert mofy_set(tmp_path, "outline", "on").output == "outline: true\n"
    assert mofy_set(tmp_path, "mode", "slate").output == "mode: slate\n"
    assert wishes.wishes(tmp_path).options == {"outline": True}
    assert wishes.wishes(tmp_path).mode == "slate"
    assert "mode      slate  " in mofy_set(tmp_path).output
    assert mofy_set(tmp_path, "outline", "--default").output == "outline: as the engine was started\n"
    assert wishes.wishes(tmp_path).options == {}
    assert [what for _, _, what in Desired(tmp_path).audit()] == [
        "setting outline: taken back", "setting mode: slate", "setting outline: true",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words", [("strength", "9"), ("mode", "off"), ("picture", "x.png"), ("style", "mosiac"), ("window", "0")]
)
def test_what_cannot_be_wished_is_refused_and_not_stored(tmp_path, words):
    with pytest.raises(ConfigError, match=words[0]):
        mofy_set(tmp_path, *words)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("mode",), ("mode", "slate", "--default"), ("lamp", "--default")])
def test_what_is_not_said_whole_is_a_question_of_usage(tmp_path, words):
    result = mofy_set(tmp_path, *words)
    assert result.exit_code == 2
    assert words[0] in result.output
    assert not list(tmp_path.iterdir())
