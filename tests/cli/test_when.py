import math
from datetime import datetime, timedelta

import click
import pytest

from appliance.cli._when import moment, parsed

NOW = datetime(2026, 3, 14, 15, 9, 26).astimezone()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", (NOW + timedelta(minutes=30)).timestamp()),
        ("15:10", datetime(2026, 3, 14, 15, 10).timestamp()),
        ("15:09", datetime(2026, 3, 15, 15, 9).timestamp()),
        ("0:00", datetime(2026, 3, 15).timestamp()),
        ("12h", (NOW + timedelta(hours=12)).timestamp()),
        ("7d", (NOW + timedelta(days=7)).timestamp()),
        ("2w", (NOW + timedelta(days=14)).timestamp()),
        ("today", datetime(2026, 3, 15).timestamp()),
        ("2026-12-31", datetime(2027, 1, 1).timestamp()),
        ("2028-02-29", datetime(2028, 3, 1).timestamp()),
        ("never", math.inf),
    ],
)
def test_a_day_lasts_until_its_end(text, seconds):
    assert parsed(text, NOW) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "7",
        "7y",
        "1.5d",
        "-7d",
        "2026-02-30",
        "31.12.2026",
        "999999w",
        "9999-12-31",
        "٧d",
        "24:00",
        "7:5",
        "12:60",
    ],
)
def test_what_is_no_moment(text):
    assert parsed(text, NOW) is None


@pytest.mark.parametrize("text", ["0d", "2020-01-01", "nonsense", " "])
def test_only_the_future_is_taken(text):
    command = click.Command("x", params=[click.Option(["--expires"], callback=moment)])
    with pytest.raises(click.BadParameter):
        command.make_context("x", ["--expires", text])


def test_case_and_spaces_do_not_matter():
    command = click.Command("x", params=[click.Option(["--expires"], callback=moment)])
    assert command.make_context("x", ["--expires", " NEVER "]).params["expires"] == math.inf
    assert command.make_context("x", []).params["expires"] is None
