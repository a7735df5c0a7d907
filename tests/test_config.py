"""What is told of a configuration that cannot be."""

import pytest

from appliance.config import load
from appliance.errors import ConfigError


def fault(tmp_path, text):
    path = tmp_path / "mofy.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as told:
        load(path)
    assert str(told.value).isprintable(), "one line"
    return str(told.value)


def test_a_file_goes_over_the_board_and_what_is_typed_over_both(tmp_path):
    (tmp_path / "mofy.toml").write_text("[camera]\nwidth = 640\nheight = 360\n")
    board = {"camera": {"width": 800, "height": 600, "fps": 10}}
    found = load(tmp_path / "mofy.toml", {"camera": {"height": 480}}, board).camera
    assert (found.width, found.height, found.fps) == (640, 480, 10)


def test_every_fault_is_told_at_once(tmp_path):
    told = fault(tmp_path, "[look]\nstrength = 9\n[camera]\nfps = 0\nwidht = 640\n[lok]\nstyle = 'x'\n")
    for words in ("look.strength: ", "got 9", "camera.fps: ", "widht: no such option, did you mean width?"):
        assert words in told
    assert "lok: no such option, did you mean look?" in told


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[look", "is not valid TOML"),
        (b"\xff\xfe", "is not valid TOML"),
        ("fps = 30", "'fps' stands outside a [section]"),
        ("[network]\nethernet = '192.168.0.10'", "must be auto, or an address"),
        ("[network]\nethernet = '192.168.0.10/24 10.0.0.1'", "must be auto, or an address"),
        ("[rtsp]\npreview_path = '/live'", "must not be the path of the stream itself"),
    ],
)
def test_a_file_that_cannot_be_is_told(tmp_path, text, words):
    assert words in fault(tmp_path, text)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_an_address_with_its_secret_is_told_to_nobody(tmp_path):
    assert "hunter2" not in fault(tmp_path, "[push]\nurl = 'ftp://user:hunter2@example.org/live'")
