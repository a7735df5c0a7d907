"""Words are measured, broken and drawn so that nothing is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.core.lettering import SMALLEST_PX, broken, fitted_px, width_px, write


@given(st.lists(st.text("abc가나다", min_size=1, max_size=12), max_size=12), st.integers(40, 400))
def test_broken_lines_hold_every_word_in_its_order(words, room):
    lines = broken(" ".join(words), 16, room)
    assert " ".join(lines).split() == words
    assert all(width_px(line, 16) <= room or " " not in line for line in lines)


def test_no_last_line_holds_a_single_word_that_could_have_company():
    lines = broken("Check the camera and its cable. The picture comes back by itself.", 20, 500)
    assert len(lines) == 2
    assert len(lines[1].split()) > 2


@given(st.text(min_size=1, max_size=60), st.integers(10, 80), st.integers(20, 500))
@example("?/\x1f\x1f\x1fi", 10, 20)
def test_what_is_fitted_fits_unless_it_would_be_unreadable(text, size, room):
    fitted = fitted_px(text, size, room)
    assert SMALLEST_PX <= fitted <= size or fitted == SMALLEST_PX
    assert fitted == SMALLEST_PX or width_px(text, fitted) <= room


@pytest.mark.parametrize(("x", "y"), [(-30, -10), (90, 40), (500, 500), (-500, 5), (5, -500), (0, 0)])
def test_what_lies_outside_is_cut_off(x, y):
    plane = np.full((60, 120), 16, np.uint8)
    write(plane, "Mofy 모피", x, y, 24, 235)
    assert plane.shape == (60, 120)
    assert plane.min() == 16


def test_hangul_is_drawn_not_boxes():
    pictures = []
    for text in ("카", "메", "라"):
        plane = np.zeros((40, 40), np.uint8)
        write(plane, text, 2, 2, 30, 255)
        pictures.append(plane.tobytes())
    assert len(set(pictures)) == 3
