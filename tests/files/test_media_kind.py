"""What a file is does not depend on its name."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from appliance.files.media_kind import Kind, kind_of, promises_media
from tests.make_clips import Clip, make, pattern


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF"])
def test_photos(tmp_path, format_):
    path = tmp_path / "nothing.txt"
    Image.fromarray(pattern((40, 30), 0)).save(path, format=format_)
    assert kind_of(path) is Kind.PHOTO


def test_heic(tmp_path):
    import pillow_heif

    if not pillow_heif.libheif_info()["HEIF"]:
        pytest.skip("libheif here has no encoder")
    pillow_heif.register_heif_opener()
    Image.fromarray(pattern((64, 64), 0)).save(tmp_path / "a.mp4", format="HEIF")
    assert kind_of(tmp_path / "a.mp4") is Kind.PHOTO


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [(".mp4", "libx264"), (".mov", "libx264"), (".mkv", "libx264"), (".webm", "libvpx-vp9"), (".avi", "mpeg4"),
     (".ts", "libx264"), (".mpg", "mpeg2video"), (".flv", "libx264"), (".3gp", "libx264"), (".gif", "gif")],
)  # fmt: skip
def test_videos(tmp_path, suffix, codec):
    pixel_format = "rgb8" if codec == "gif" else "yuv420p"
    source = make(tmp_path / f"a{suffix}", Clip((176, 144), 5, codec, pixel_format, Fraction(1, 25)))
    assert kind_of(source.rename(tmp_path / "a.jpg")) is Kind.VIDEO


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=2000))
def test_text_is_neither(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("text") / "a.mp4"
    path.write_text("T" + text)
    assert kind_of(path) is Kind.UNKNOWN


def test_an_empty_file_is_neither(tmp_path):
    (tmp_path / "a.mp4").touch()
    assert kind_of(tmp_path / "a.mp4") is Kind.UNKNOWN


def test_names_that_promise_media(tmp_path):
    assert promises_media(tmp_path / "A.JPG")
    assert promises_media(tmp_path / "a.MOV")
    assert not promises_media(tmp_path / "a.txt")
