"""A photo comes out as it went in, but for what is covered and what its file told."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from appliance.core.frames import from_rgb
from appliance.core.geometry import Box
from appliance.core.veiling import Cover, MaskedFrame, veil
from appliance.errors import InputError
from appliance.files import pictures
from appliance.files.exif import without_pictures
from appliance.files.photo_files import can_write_heif, format_of, save, to_rgb
from appliance.masks import MaskOptions, solid

MASK = solid.build(MaskOptions())


def masked(rgb: np.ndarray, *boxes: Box) -> MaskedFrame:
    frame = from_rgb(rgb, full_chroma=True)
    return veil(frame, [Cover(box, number) for number, box in enumerate(boxes)], MASK)


def smooth(width: int, height: int) -> np.ndarray:
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack([x, y, 255 - (x + y) / 2], axis=-1).astype(np.uint8)


def test_every_colour_comes_back_within_two_steps():
    levels = np.arange(0, 256, 5, dtype=np.uint8)
    rgb = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 52, 3)
    wrong = np.abs(to_rgb(masked(rgb)).astype(int) - rgb)
    assert wrong.max() <= 3
    assert wrong.mean() < 0.8


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2), (33, 17)])
def test_any_size(size):
    rgb = smooth(*size)
    assert to_rgb(masked(rgb)).shape == rgb.shape


@pytest.mark.parametrize(
    ("suffix", "kind"), [(".jpg", "JPEG"), (".JPEG", "JPEG"), (".png", "PNG"), (".webp", "WEBP"), (".heic", "HEIF")]
)
def test_the_name_says_the_format(tmp_path, suffix, kind):
    if kind == "HEIF" and not can_write_heif():
        pytest.skip("libheif here has no encoder")
    rgb = smooth(120, 80)
    source = pictures.Picture(rgb, None, None, None, kind)
    save(tmp_path / f"a{suffix}", masked(rgb, Box(10, 10, 30, 30)), source, keep_metadata=False)
    after = pictures.load(tmp_path / f"a{suffix}")
    assert after.format == kind
    wrong = np.abs(after.rgb.astype(int) - rgb)
    wrong[5:35, 5:35] = 0
    assert wrong.mean() < 2
    assert np.abs(after.rgb[14:26, 14:26].astype(int) - 96).mean() < 4


def test_a_name_of_no_format_is_told(tmp_path):
    with pytest.raises(InputError, match=r"a\.bmp: a photo is written as"):
        format_of(tmp_path / "a.bmp")


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_covered_pixels_are_opaque(tmp_path, suffix):
    rgb, alpha = smooth(60, 60), np.tile(np.linspace(0, 255, 60).astype(np.uint8), (60, 1))
    source = pictures.Picture(rgb, alpha, None, None, "PNG")
    save(tmp_path / f"a{suffix}", masked(rgb, Box(5.5, 20, 25.2, 40)), source, keep_metadata=False)
    after = pictures.load(tmp_path / f"a{suffix}").alpha
    assert after is not None
    assert (after[20:40, 5:26] == 255).all()
    after[20:40, 5:26] = alpha[20:40, 5:26]
    assert np.abs(after.astype(int) - alpha).max() <= 1


def exif_photo(path) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Kim's phone"
    exif.get_ifd(0x8825)[2] = (37.0, 33.0, 59.0)
    Image.fromarray(smooth(80, 40)).save(path, exif=exif, icc_profile=PROFILE)
    return exif.tobytes()


def _profile() -> bytes:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


PROFILE = _profile()


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_place_and_time_are_dropped_but_the_colour_profile_stays(tmp_path, suffix):
    exif_photo(tmp_path / "in.jpg")
    source = pictures.load(tmp_path / "in.jpg")
    assert source.rgb.shape == (80, 40, 3)
    save(tmp_path / f"a{suffix}", masked(source.rgb), source, keep_metadata=False)
    assert b"Kim" not in (tmp_path / f"a{suffix}").read_bytes()
    with Image.open(tmp_path / f"a{suffix}") as image:
        assert len(image.getexif()) == 0
        assert image.info["icc_profile"] == PROFILE
        assert image.size == (40, 80)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_kept_metadata_does_not_turn_the_photo_again(tmp_path, suffix):
    exif_photo(tmp_path / "in.jpg")
    source = pictures.load(tmp_path / "in.jpg")
    save(tmp_path / f"a{suffix}", masked(source.rgb), source, keep_metadata=True)
    with Image.open(tmp_path / f"a{suffix}") as image:
        assert image.getexif()[0x010F] == "Kim's phone"
        assert image.getexif()[0x0112] == 1
    assert pictures.load(tmp_path / f"a{suffix}").rgb.shape == (80, 40, 3)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_kept_metadata_holds_no_picture_of_the_uncovered_faces(tmp_path, suffix):
    """Cameras put a small one into the thumbnail's directory, a larger one into their notes or XMP."""
    small = io.BytesIO()
    Image.fromarray(smooth(160, 120)).save(small, "JPEG")
    face = small.getvalue()
    exif = Image.Exif()
    exif[0x010F] = "Kim's phone"
    exif[0x02BC] = face
    exif.get_ifd(0x8769).update({0x829A: 0.02, 0x927C: b"NIKON" + face, 0x9286: face, 0x927C + 0x4000: face})
    exif.get_ifd(0x8825)[2] = (37.0, 33.0, 59.0)
    exif.get_ifd(1).update({0x0103: 6, 0x0201: 0, 0x0202: len(face)})
    # As cameras do: behind all directories, where the last one points.
    told = exif.tobytes() + face
    Image.fromarray(smooth(80, 40)).save(tmp_path / "in.jpg", exif=told)
    assert (tmp_path / "in.jpg").read_bytes().count(face) >= 2
    source = pictures.load(tmp_path / "in.jpg")
    save(tmp_path / f"a{suffix}", masked(source.rgb), source, keep_metadata=True)
    assert face[20:200] not in (tmp_path / f"a{suffix}").read_bytes()
    with Image.open(tmp_path / f"a{suffix}") as image:
        assert image.getexif()[0x010F] == "Kim's phone"
        assert image.getexif().get_ifd(0x8769)[0x829A] == pytest.approx(0.02)
        assert image.getexif().get_ifd(0x8825)[2] == (37.0, 33.0, 59.0)
        assert not image.getexif().get_ifd(1)


@given(rubbish=st.binary(max_size=300))
def test_any_bytes_for_exif_are_dropped_or_understood(rubbish):
    without_pictures(b"Exif\0\0II*\0" + rubbish)
