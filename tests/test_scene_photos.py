"""The face photos: brought once, checked, and a clear word when they cannot be had."""

from __future__ import annotations

import hashlib
import tarfile
import zipfile
from pathlib import Path

import pytest

from appliance import scene_photos
from appliance.errors import InputError

PHOTO = b"a photo"


def archive(kind: str, sha256: str = hashlib.sha256(PHOTO).hexdigest()) -> scene_photos.Archive:
    return scene_photos.Archive("faces", "1.0", f"faces-1.0.{kind}", "0" * 64, {"faces/one.jpg": sha256})


def packed(folder: Path, wanted: scene_photos.Archive) -> None:
    (folder / "one.jpg").write_bytes(PHOTO)
    if wanted.file.endswith(".whl"):
        with zipfile.ZipFile(folder / wanted.file, "w") as wheel:
            wheel.write(folder / "one.jpg", "faces/one.jpg")
    else:
        with tarfile.open(folder / wanted.file, "w:gz") as source:
            source.add(folder / "one.jpg", "faces/one.jpg")


@pytest.fixture
def registry(monkeypatch):
    """A registry that has the archive; counts how often it is asked."""
    asked = []

    def use(wanted):
        def download(what, archives, folder, kinds):
            asked.append([a.package for a in archives])
            packed(folder, wanted)

        monkeypatch.setattr(scene_photos, "ARCHIVES", (wanted,))
        monkeypatch.setattr("appliance.registry.download", download)
        return asked

    return use


@pytest.mark.parametrize("kind", ["whl", "tar.gz"])
def test_photos_are_brought_once(tmp_path, registry, kind):
    asked = registry(archive(kind))
    assert scene_photos.missing(tmp_path / "photos") == ["one.jpg"]
    assert scene_photos.fetch(tmp_path / "photos") == [tmp_path / "photos" / "one.jpg"]
    assert scene_photos.fetch(tmp_path / "photos") == []
    assert asked == [["faces"]]
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["one.jpg"]


def test_an_altered_photo_is_brought_again(tmp_path, registry):
    registry(archive("whl"))
    (tmp_path / "one.jpg").write_bytes(b"half a ph")
    assert scene_photos.missing(tmp_path) == ["one.jpg"]
    scene_photos.fetch(tmp_path)
    assert (tmp_path / "one.jpg").read_bytes() == PHOTO


def test_a_photo_that_is_not_the_pinned_one_is_refused(tmp_path, registry):
    registry(archive("whl", sha256="1" * 64))
    with pytest.raises(InputError, match=r"one\.jpg.*not the expected one"):
        scene_photos.fetch(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path, registry):
    registry(archive("whl"))
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match=r"taken.*cannot be saved"):
        scene_photos.fetch(tmp_path / "taken" / "photos")


def test_the_fetched_photos_are_whole(photos):
    assert scene_photos.missing(photos) == []
    assert {p.name for p in photos.glob("*.jpg")} >= {"obama.jpg", "biden.jpg", "t1.jpg"}
