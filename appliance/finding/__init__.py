"""Where the faces of a frame are: one look after the other, each face told once."""

from appliance.finding.lying import LyingFinder
from appliance.finding.photo import PhotoFinder
from appliance.finding.tiling import ALL_TILES, Finder, TilingFinder

__all__ = ["ALL_TILES", "Finder", "LyingFinder", "PhotoFinder", "TilingFinder"]
