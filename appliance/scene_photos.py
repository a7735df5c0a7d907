"""The face photos of the staged scene: fetched from pinned registry packages, checked, never shipped with MOFY."""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from appliance import registry, whole_files
from appliance.errors import InputError

KINDS = ("--no-binary=face-recognition", "--only-binary=insightface")
"""The wheel of face_recognition has no photos, so pip is asked for the source release."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A release file of the Python package registry and the photos in it: {member: sha256}."""

    package: str
    version: str
    file: str
    sha256: str
    photos: dict[str, str]


ARCHIVES = (
    Archive(
        "face-recognition",
        "1.3.0",
        "face_recognition-1.3.0.tar.gz",
        "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec",
        {
            f"face_recognition-1.3.0/tests/test_images/{name}.jpg": sha256
            for name, sha256 in {
                "biden": "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c",
                "obama": "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6",
                "obama2": "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6",
                "obama3": "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3",
                "obama_partial_face": "c2d1f09e7ef3042352b41e41286e6eb0522f64f88308be13886991b95db52117",
            }.items()
        },
    ),
    Archive(
        "insightface",
        "2.1",
        "insightface-2.1-py3-none-any.whl",
        "dcd58ee79d99d689572477315f3149353afd65a36dc575f597cbb217a7bde399",
        {"insightface/data/images/t1.jpg": "47f682e945b659f93a9e490b9c9c4a2a864abe64dace9e1a2893845ddfd69489"},
    ),
)


def missing(folder: Path) -> list[str]:
    """The photos that are not in the folder, or not as they should be, by name."""
    return [name for archive in ARCHIVES for name in _missing(folder, archive)]


def fetch(folder: Path) -> list[Path]:
    """Bring the photos that are missing or altered into the folder; returns those brought, raises InputError."""
    wanted = [archive for archive in ARCHIVES if _missing(folder, archive)]
    if not wanted:
        return []
    with tempfile.TemporaryDirectory(prefix="mofy-photos-") as temporary:
        registry.download("face photos", wanted, Path(temporary), KINDS)
        return [photo for archive in wanted for photo in _extract(Path(temporary) / archive.file, archive, folder)]


def _missing(folder: Path, archive: Archive) -> list[str]:
    paths = {folder / Path(member).name: sha256 for member, sha256 in archive.photos.items()}
    return [path.name for path, sha256 in paths.items() if not path.is_file() or _sha256(path.read_bytes()) != sha256]


def _extract(path: Path, archive: Archive, folder: Path) -> list[Path]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_save(folder / Path(member).name, _read(path, member), sha) for member, sha in archive.photos.items()]
    except OSError as error:
        raise InputError(f"{folder}: the face photos cannot be saved here ({error.strerror})") from None


def _read(path: Path, member: str) -> bytes:
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return wheel.read(member)
    with tarfile.open(path) as source:
        packed = source.extractfile(member)
        assert packed is not None, "pinned members are plain files"
        return packed.read()


def _save(path: Path, data: bytes, sha256: str) -> Path:
    if _sha256(data) != sha256:
        raise InputError(f"{path.name}: the fetched photo is not the expected one (sha256 {_sha256(data)})")
    whole_files.replace(path, data)
    return path


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
