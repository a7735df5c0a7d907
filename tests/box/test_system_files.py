"""What a release puts into the system."""

from __future__ import annotations

from appliance.box import system_files


def test_every_option_of_the_owners_file_is_there_and_off():
    from appliance.config import DEFAULTS, load

    text = system_files.options(DEFAULTS.read_text(encoding="utf-8"))
    assert "# strength = 3" in text
    assert all(not line or line[0] in "#[" for line in text.splitlines())
    assert load() is not None
