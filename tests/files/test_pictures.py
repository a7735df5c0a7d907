import io
import os
import re

import numpy as np
import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from appliance.errors import PhotoError
from appliance.files.pictures import MOST_PIXELS, load, told

pillow_heif.register_heif_opener()

FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF"}
RED, GREEN, BLUE, WHITE = (250, 20, 20), (20, 250, 20), (20, 20, 250), (250, 250, 250)


def quarters(width=96, height=64):
    """Red, green above; blue, white below: shows how a picture was turned."""
    canvas = np.zeros((height, width, 3), np.uint8)
    for row, pair in enumerate(((RED, GREEN), (BLUE, WHITE))):
        for column, colour in enumerate(pair):
            canvas[row * height // 2 :, column * width // 2 :] = colour
    return Image.fromarray(canvas)


def corners(rgb):
    """Names of the four quarters' colours, as one reads."""
    names = {RED: "R", GREEN: "G", BLUE: "B", WHITE: "W"}
    height, width = rgb.shape[:2]
    points = [
        (height // 4, width // 4),
        (height // 4, -width // 4),
        (-height // 4, width // 4),
        (-height // 4, -width // 4),
    ]
    return "".join(
        min((sum(abs(int(a) - b) for a, b in zip(rgb[p], c)), n) for c, n in names.items())[1] for p in points
    )


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "ACME"
    return tags.tobytes()


def refused(path):
    with pytest.raises(PhotoError) as caught:
        load(path)
    message = str(caught.value)
    assert message.isprintable(), "one line, nothing that a terminal would obey"
    assert message.startswith(told(path))
    return message


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_is_read_as_it_looks(tmp_path, suffix):
    quarters().save(tmp_path / f"a.{suffix}")
    picture = load(tmp_path / f"a.{suffix}")
    assert picture.format == FORMATS[suffix]
    assert picture.rgb.shape == (64, 96, 3)
    assert picture.rgb.dtype == np.uint8
    assert picture.alpha is None
    assert corners(picture.rgb) == "RGBW"


def test_the_suffix_does_not_matter(tmp_path):
    quarters().save(tmp_path / "a.txt", format="PNG")
    assert load(tmp_path / "a.txt").format == "PNG"


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("orientation", "seen"),
    [(1, "RGBW"), (2, "GRWB"), (3, "WBGR"), (4, "BWRG"), (5, "RBGW"), (6, "BRWG"), (7, "WGBR"), (8, "GWRB")],
)
def test_the_orientation_is_obeyed_and_then_forgotten(tmp_path, suffix, orientation, seen):
    quarters().save(tmp_path / f"a.{suffix}", exif=exif(orientation))
    picture = load(tmp_path / f"a.{suffix}")
    assert corners(picture.rgb) == seen
    assert picture.rgb.shape[:2] == ((96, 64) if orientation >= 5 else (64, 96))
    found = Image.Exif()
    found.load(picture.exif)
    assert (found[0x0112], found[0x010F]) == (1, "ACME"), "everything else is kept as found"


def test_a_picture_saved_with_its_exif_is_not_turned_twice(tmp_path):
    quarters().save(tmp_path / "a.jpg", exif=exif(6))
    first = load(tmp_path / "a.jpg")
    Image.fromarray(first.rgb).save(tmp_path / "b.jpg", exif=first.exif)
    assert corners(load(tmp_path / "b.jpg").rgb) == corners(first.rgb)


@pytest.mark.parametrize(
    "junk",
    [b"Exif\x00\x00", b"Exif\x00\x00MM\x00*\xff\xff\xff\xff", b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff\x12\x01"],
)
def test_damaged_exif_does_not_cost_the_picture(tmp_path, junk):
    quarters().save(tmp_path / "a.jpg", exif=junk)
    assert corners(load(tmp_path / "a.jpg").rgb) == "RGBW"


def test_transparency_comes_beside_the_colours(tmp_path):
    whole = quarters().convert("RGBA")
    whole.putalpha(Image.new("L", whole.size, 77))
    for suffix in ("png", "webp"):
        whole.save(tmp_path / f"a.{suffix}", lossless=True)
        picture = load(tmp_path / f"a.{suffix}")
        assert picture.alpha is not None
        assert (picture.alpha == 77).all()
        assert corners(picture.rgb) == "RGBW"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_becomes_eight_bit_rgb(tmp_path, mode):
    picture = Image.new("I;16", (40, 30), 0x8000) if mode == "I;16" else Image.new("L", (40, 30), 128).convert(mode)
    picture.save(tmp_path / "a.png")
    rgb = load(tmp_path / "a.png").rgb
    assert rgb.shape == (30, 40, 3)
    assert 100 < rgb.mean() < 150, "mid grey stays mid grey"


def test_cmyk_becomes_rgb_and_its_profile_is_dropped(tmp_path):
    quarters().convert("CMYK").save(tmp_path / "a.jpg", quality=95, icc_profile=b"\x00" * 16 + b"CMYK" + b"\x00" * 200)
    picture = load(tmp_path / "a.jpg")
    assert corners(picture.rgb) == "RGBW"
    assert picture.icc_profile is None


def test_an_rgb_profile_is_kept(tmp_path):
    profile = b"\x00" * 16 + b"RGB " + b"\x00" * 200
    quarters().save(tmp_path / "a.jpg", icc_profile=profile)
    assert load(tmp_path / "a.jpg").icc_profile == profile


def test_the_second_picture_in_a_phones_jpeg_does_not_matter(tmp_path):
    quarters().save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[Image.new("RGB", (96, 64))])
    with Image.open(tmp_path / "a.jpg") as image:
        assert (image.format, image.n_frames) == ("MPO", 2)
    picture = load(tmp_path / "a.jpg")
    assert (picture.format, corners(picture.rgb)) == ("JPEG", "RGBW")


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_what_moves_is_refused(tmp_path, suffix):
    quarters().save(tmp_path / f"a.{suffix}", save_all=True, append_images=[quarters().rotate(180)])
    assert "animated (2 frames)" in refused(tmp_path / f"a.{suffix}")


def test_a_still_gif_is_read(tmp_path):
    quarters().save(tmp_path / "a.gif")
    assert load(tmp_path / "a.gif").rgb.shape == (64, 96, 3)


@pytest.mark.parametrize(("side", "sign"), [(7100, r"50 megapixels|50 are taken"), (20_000, "50 megapixels")])
def test_a_huge_picture_is_refused_by_its_header(tmp_path, side, sign):
    assert side * side > MOST_PIXELS
    Image.new("1", (side, side)).save(tmp_path / "bomb.png")
    assert re.search(sign, refused(tmp_path / "bomb.png"))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.6, 0.9])
def test_a_truncated_file_is_refused(tmp_path, suffix, share):
    dice = np.random.default_rng(1).integers(0, 255, (200, 200, 3)).astype(np.uint8)
    whole = io.BytesIO()
    Image.fromarray(dice).save(whole, format=FORMATS[suffix])
    (tmp_path / f"a.{suffix}").write_bytes(whole.getvalue()[: int(len(whole.getvalue()) * share)])
    refused(tmp_path / f"a.{suffix}")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(FORMATS)),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(tmp_path, suffix, changes):
    whole = io.BytesIO()
    quarters().save(whole, format=FORMATS[suffix])
    content = bytearray(whole.getvalue())
    for share, value in changes:
        content[int(share * len(content))] = value
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content)
    told_of = None
    try:
        assert load(path).rgb.ndim == 3
    except PhotoError as error:
        told_of = str(error)
    assert told_of is None or told_of.isprintable()


def test_what_is_no_photo_is_told(tmp_path):
    (tmp_path / "notes.jpg").write_text("shopping list")
    (tmp_path / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    quarters().save(tmp_path / "a.tiff")
    for name in ("notes.jpg", "drawing.svg", "a.tiff"):
        assert "no picture that MOFY reads" in refused(tmp_path / name)
    assert "folder" in refused(tmp_path)
    assert "no such file" in refused(tmp_path / "missing.jpg")
    assert "too long" in refused(tmp_path / ("x" * 300))


def test_pipes_and_devices_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    assert "regular file" in refused(tmp_path / "pipe.jpg")


@pytest.mark.parametrize("name", ["two\nlines.jpg", "\x1b[31mred.jpg", "\u202egpj.exe", "nul\x00.jpg", "\udcff.jpg"])
def test_a_hostile_file_name_cannot_dress_up_the_message(tmp_path, name):
    assert "\n" not in refused(tmp_path / name)
