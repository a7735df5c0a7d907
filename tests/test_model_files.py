"""The manifest, the files it names, and the refusal of a file that is not what it says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from appliance import model_files, parts
from appliance.errors import ModelError

SHIPPED = model_files.folder()
if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder of this test's own, with the manifest and one model."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in ("manifest.toml", "yunet-320x192-int8.tflite"):
        shutil.copy(SHIPPED / name, folder)
    monkeypatch.setenv(model_files.ENVIRONMENT, str(folder))
    return folder


def small() -> model_files.ModelFile:
    return model_files.find("yunet-320x192-int8")


@pytest.mark.parametrize("model", model_files.models(), ids=lambda model: model.id)
def test_every_shipped_model_is_what_the_manifest_says(model):
    assert model_files.path(model) == SHIPPED / model.file
    assert (SHIPPED / model.licence_file).is_file()
    assert model.family in parts.names("faces")
    assert model.runtime in parts.names("runtimes") or model.runtime == "tensorrt"
    assert model.measured


def test_no_model_lies_about_unlisted():
    listed = {model.file for model in model_files.models()}
    assert listed == {path.name for path in SHIPPED.iterdir() if path.suffix in {".tflite", ".onnx"}}


@pytest.mark.parametrize("model", [one for one in model_files.models() if one.otherwise], ids=lambda model: model.id)
def test_who_stands_in_takes_and_gives_the_same(model):
    other = model_files.find(model.otherwise)
    for word in ("family", "kind", "runtime", "width", "height", "layout", "colour", "mean", "std", "outputs"):
        assert getattr(other, word) == getattr(model, word)
    assert not other.otherwise


def test_packages_are_those_of_the_build():
    packages = tomllib.loads((SHIPPED / "build" / "packages.toml").read_text(encoding="utf-8"))
    for model in model_files.models():
        name, _, version = model.package.replace("==", "@").partition("@")
        assert packages[name]["version"] == version
        assert packages[name]["sha256"] == model.package_sha256
        assert model.package_file in packages[name]["members"]


@pytest.mark.parametrize("kind", ["detector", "embedder"])
def test_one_default_a_kind(kind):
    chosen = [model for model in model_files.models() if model.kind == kind and model.default]
    assert [model_files.default(kind)] == chosen


def test_a_good_file_is_taken(models):
    assert model_files.path(small()) == models / "yunet-320x192-int8.tflite"


def test_an_altered_file_is_refused_with_its_name_and_what_to_do(models):
    file = models / "yunet-320x192-int8.tflite"
    content = bytearray(file.read_bytes())
    content[5000] ^= 1
    file.write_bytes(content)
    with pytest.raises(ModelError) as refused:
        model_files.path(small())
    message = str(refused.value)
    assert str(file) in message
    assert small().sha256 in message
    assert "git checkout models/" in message
    assert "\n" not in message


def test_a_missing_file_is_refused_with_its_name(models):
    (models / "yunet-320x192-int8.tflite").unlink()
    with pytest.raises(ModelError, match=r"yunet-320x192-int8\.tflite: cannot be read"):
        model_files.path(small())


def test_the_list_says_which_files_are_wrong(models):
    file = models / "yunet-320x192-int8.tflite"
    file.write_bytes(file.read_bytes() + b"x")
    state = {row[0]: row[-1] for row in model_files.rows()}
    assert state["yunet-320x192-int8"] == "altered"
    assert state["mobilefacenet-512-int8"] == "missing"
    assert {row[-1] for row in model_files.rows()} == {"altered", "missing"}


def test_the_list_of_what_is_shipped():
    rows = model_files.rows()
    assert {len(row) for row in rows} == {len(model_files.COLUMNS)}
    assert {row[-1] for row in rows} == {"ok"}


def test_an_unknown_model_is_answered_with_those_there_are():
    with pytest.raises(ModelError, match=r"did you mean yunet-640x384-int8\?.*mobilefacenet-512-float"):
        model_files.find("yunet-640x384-int4")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[[model]\n", "not TOML"),
        ('[[model]]\nid = "x"\n', "'x' is not described right"),
        ('[[model]]\nid = "x"\noutputs = []\ncolor = "RGB"\n', "'x' is not described right"),
    ],
)
def test_a_broken_manifest_is_one_clear_line(models, content, complaint):
    (models / "manifest.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=complaint) as refused:
        model_files.models()
    assert str(models / "manifest.toml") in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_without_manifest(tmp_path, monkeypatch):
    monkeypatch.setenv(model_files.ENVIRONMENT, str(tmp_path / "nowhere"))
    with pytest.raises(ModelError, match=r"nowhere.manifest\.toml: cannot be read"):
        model_files.default("detector")


def test_a_manifest_without_a_default(models):
    text = (models / "manifest.toml").read_text(encoding="utf-8").replace("default = true", "")
    (models / "manifest.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match="no model of kind 'embedder' is marked as default"):
        model_files.default("embedder")


def test_importing_the_parts_loads_no_runtime():
    names = ("model_files", "runtimes.tflite", "faces.yunet", "faces.mobilefacenet")
    program = "import sys\n" + "".join(f"import appliance.{name}\n" for name in names)
    program += "assert not [m for m in sys.modules if m.startswith(('ai_edge_litert', 'tensorrt'))]"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
