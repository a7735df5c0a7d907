"""Charts are pictures of their figures, well formed, and nothing runs over their edges."""

from __future__ import annotations

import math
from types import SimpleNamespace
from xml.etree import ElementTree

from appliance.auditing.figures import SIZES, Figures, SizeRow
from tests.benchmarks.leak.plots import charts
from tests.benchmarks.plot import LEFT, TONES, WIDTH, Bars, Line, svg

SPACE = "{http://www.w3.org/2000/svg}"


def bars_of(text: str, tone: int = 0) -> list[float]:
    """How long the bars of one series are, top down, its legend's square left out."""
    found = ElementTree.fromstring(text).findall(f"{SPACE}rect")
    return [
        float(r.attrib["width"]) for r in found if r.attrib.get("fill") == TONES[tone] and r.attrib["width"] != "10"
    ]


def test_bars_are_as_long_as_their_values_and_none_is_no_bar():
    chart = Bars(
        "shares", ["a", "b"], [("one", (100.0, 50.0)), ("two", (None, math.nan)), ("three", (400.0, 0.0))], (0, 100)
    )
    text = svg([chart])
    assert bars_of(text) == [WIDTH, WIDTH]
    assert bars_of(text, 1) == [WIDTH / 2, 1.5]


def test_on_a_logarithmic_axis_each_tick_is_as_far_from_the_next():
    chart = Bars("%", ["a"], [(str(v), (v,)) for v in (0.0, 0.1, 1.0, 10.0)], (0.01, 0.1, 1.0, 10.0), logarithmic=True)
    assert bars_of(svg([chart])) == [1.5, round(WIDTH / 3, 1), round(WIDTH * 2 / 3, 1), WIDTH]


def test_names_are_text_and_lines_and_bars_stand_in_one_picture():
    text = svg([Line("memory", [(0.0, 1.0), (5.0, 2.0)]), Bars("<b> & c", ["a"], [("<x>", (1.0,))], (0, 1))])
    words = [node.text for node in ElementTree.fromstring(text).iter(f"{SPACE}text")]
    assert {"memory", "<b> & c", "<x>"} <= set(words)


def figures(bare: int, late: tuple[int, ...]) -> Figures:
    rows = tuple(SizeRow(least, most, 100, bare, 100, bare) for least, most in SIZES)
    return Figures(rows, SizeRow(20.0, math.inf, 300, 3 * bare, 300, 3 * bare), 12, len(late), late, 50, 48, 3, 1.5)


def test_the_charts_of_the_leak_benchmark_tell_its_figures():
    clip = SimpleNamespace(
        name="street", people=("anna",), photos=(3,), judgement=SimpleNamespace(figures=figures(2, (1, 4, 30)))
    )
    bare, late, shown, changes = charts([clip], [SimpleNamespace(name="staged", figures=figures(0, ()))])
    assert bare.rows == [("street", [2.0, 2.0, 2.0]), ("staged", [0.0, 0.0, 0.0])]
    assert [(name, values) for name, values in late.rows] == [
        ("the first frame", [9.0, 12.0]), ("after 1", [1.0, 0.0]), ("after 2 to 4", [1.0, 0.0]),
        ("after 5 to 9", [0.0, 0.0]), ("after 10 to 19", [0.0, 0.0]), ("20 or more", [1.0, 0.0]),
    ]  # fmt: skip
    assert shown.rows == [("street (3 photos)", [96.0]), ("staged", [96.0])]
    assert changes.rows == [("street", [2.0]), ("staged", [2.0])]
    root = ElementTree.fromstring(svg([bare, late, shown, changes]))
    assert (
        max(float(r.attrib.get("x", 0)) + float(r.attrib["width"]) for r in root.findall(f"{SPACE}rect")[1:])
        <= LEFT + WIDTH
    )
