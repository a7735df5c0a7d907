"""The stand-in for TensorRT is as strict as the real thing: compared with the bindings that NVIDIA publishes."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.tensorrt import Bench, module

CHECKOUT = Path(__file__).resolve().parents[2]
KEPT = CHECKOUT / ".cache" / "interfaces"
PUBLISHED = {
    "8.6": "tensorrt-bindings==8.6.1",
    "10.3": "tensorrt-cu12-bindings==10.3.0",
    "11.4": "tensorrt-cu12-bindings==11.4.0.106",
}
"""JetPack 6.0, 6.1 with 6.2, and what a later one may bring."""

WORDS = ("BuilderFlag", "NetworkDefinitionCreationFlag", "MemoryPoolType", "TensorIOMode", "LayerType")


@pytest.fixture(scope="module", params=PUBLISHED)
def published(request, tmp_path_factory) -> dict[str, Any]:
    """What the bindings of one version tell of themselves."""
    name = PUBLISHED[request.param]
    pattern = name.replace("-", "_").replace("==", "-") + f"-cp{sys.version_info.major}{sys.version_info.minor}-*.whl"
    if not list(KEPT.glob(pattern)):
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--only-binary=:all:",
            "-d",
            str(KEPT),
            name,
        ]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if run.returncode or not list(KEPT.glob(pattern)):
            pytest.skip(f"{name} cannot be downloaded here, or not for this Python")
    program = CHECKOUT / "tests/contracts/published_tensorrt.py"
    command = [sys.executable, str(program), str(next(KEPT.glob(pattern))), str(tmp_path_factory.mktemp("bindings"))]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    answer: dict[str, Any] = json.loads(run.stdout)
    assert answer["version"].startswith(request.param)
    return answer


def test_the_fake_takes_what_the_real_one_takes(published):
    ours = vars(module(Bench(published["version"])))
    checked = 0
    for name, kind in ours.items():
        if not isinstance(kind, type):
            continue
        for word, member in vars(kind).items():
            if word == "__init__" and name.startswith("I"):
                continue  # the library makes those
            if not word.startswith("_") or word == "__init__":
                _compare(f"{name}.{word}", member, published["classes"][name])
                checked += 1
    assert checked > 20


def _compare(told: str, member: Any, real: dict[str, Any]) -> None:
    word = told.partition(".")[2]
    assert word in real, told
    if not inspect.isfunction(member):
        return  # an attribute
    names = [name for name in inspect.signature(member).parameters if name != "self"]
    for overload in real[word]:
        first, rest = overload[: len(names)], overload[len(names) :]
        if names == [name for name, _ in first] and all(optional for _, optional in rest):
            return
    pytest.fail(f"{told} takes {names}, the real one {real[word]}")


def test_a_version_has_the_words_that_its_fake_has(published):
    ours, ever = module(Bench(published["version"])), module(Bench("8.6.1"))
    for name in WORDS:
        real, asked = set(published["words"][name]), set(vars(getattr(ever, name)))
        assert set(vars(getattr(ours, name))) == real & asked, name
    assert published["floats"] == "float32"


def test_only_a_version_that_can_be_asked_for_int8_is_asked(published):
    ours = module(Bench(published["version"]))
    has = "platform_has_fast_int8" in published["classes"]["Builder"]
    assert hasattr(ours.Builder, "platform_has_fast_int8") == has
