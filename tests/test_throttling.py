"""What slows a board down is told from trees as the kernel shows them."""

from __future__ import annotations

import pytest

from appliance.throttling import TOO_HOT, UNDER_VOLTAGE, throttled

PI = "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled"
COOLER = "sys/class/thermal/cooling_device0"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, ""), ({PI: "0\n"}, ""), ({PI: "50000"}, ""), ({PI: "50005"}, UNDER_VOLTAGE), ({PI: "4"}, TOO_HOT),
        ({PI: "8"}, TOO_HOT), ({PI: "junk"}, ""), ({"sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1"}, UNDER_VOLTAGE),
        ({f"{COOLER}/type": "cpufreq-cpu0", f"{COOLER}/cur_state": "2"},
         TOO_HOT),
        ({f"{COOLER}/type": "Processor", f"{COOLER}/cur_state": "0"}, ""),
        ({f"{COOLER}/type": "pwm-fan", f"{COOLER}/cur_state": "3"}, ""),
    ],
)  # fmt: skip
def test_what_slows_the_board_is_told(tmp_path, files, words):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert throttled(tmp_path) == words
