"""Tiles cover the frame, share seams, and are no more than asked for."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from appliance.core.tiles import OVERLAP_PX, tile_grid

INPUT = (640, 384)


@given(st.integers(320, 4096).map(lambda n: n * 2 // 2), st.integers(240, 2400), st.integers(1, 40))
def test_the_grid_covers_every_pixel_with_seams_shared(width, height, most):
    grid = tile_grid(width, height, INPUT, most)
    assert len(grid) <= most
    if not grid:
        return
    columns = sorted({(tile.x0, tile.x1) for tile in grid})
    rows = sorted({(tile.y0, tile.y1) for tile in grid})
    assert len(columns) * len(rows) == len(grid)
    for spans, length in ((columns, width), (rows, height)):
        assert spans[0][0] == 0
        assert spans[-1][1] == length
        for (_, end), (start, _) in pairwise(spans):
            assert end - start >= OVERLAP_PX - 2
    assert all(tile.x0 % 2 == 0 and tile.y0 % 2 == 0 for tile in grid)


def test_the_usual_sizes():
    assert tile_grid(640, 360, INPUT, 10) == []
    assert len(tile_grid(1280, 720, INPUT, 10)) == 4
    assert len(tile_grid(1920, 1080, INPUT, 10)) == 9
    assert tile_grid(1920, 1080, INPUT, 0) == []
