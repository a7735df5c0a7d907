"""What only the TFLite runtime can do wrong: files, threads, noise on stderr."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from appliance import model_files
from appliance.errors import ModelError
from appliance.runtimes import tflite


def refusal(file: Path) -> str:
    """What loading the file says, in a process of its own.

    There it happens at start-up, before any media library; in one that has run GStreamer's plug-ins, LiteRT's C++
    errors have been seen to find the wrong unwinder and end the process.
    """
    code = (
        "import sys; from pathlib import Path; from appliance.errors import ModelError; "
        "from appliance.runtimes import tflite\n"
        "try: tflite.build(Path(sys.argv[1]))\n"
        "except ModelError as error: print(error)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    return run.stdout


def test_a_file_that_is_no_model(tmp_path):
    file = tmp_path / "no.tflite"
    file.write_bytes(b"this is not a model" * 100)
    told = refusal(file)
    assert "no.tflite: not a model this machine can run" in told
    assert told.count("\n") == 1


def test_a_file_cut_short(tmp_path):
    whole = model_files.path(model_files.default("detector")).read_bytes()
    file = tmp_path / "half.tflite"
    file.write_bytes(whole[: len(whole) // 2])
    assert "half.tflite" in refusal(file)


def test_a_file_that_is_not_there(tmp_path):
    told = refusal(tmp_path / "gone.tflite")
    assert "gone.tflite" in told
    assert told.count("\n") == 1


def test_threads_do_not_change_the_numbers():
    file = model_files.path(model_files.default("detector"))
    one, two = (tflite.build(file, threads) for threads in (1, 2))
    tensor = np.random.default_rng(1).integers(-128, 128, one.inputs[0].shape).astype(np.int8)
    assert all((a == b).all() for a, b in zip(one.run(tensor), two.run(tensor)))


def test_loading_greets_nobody(capfd):
    tflite.build(model_files.path(model_files.default("embedder")))
    assert capfd.readouterr().err == ""


def test_what_others_write_to_stderr_while_loading_is_kept(capfd):
    with tflite._without_greeting():
        os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\nERROR: a real one\n")
    assert capfd.readouterr().err == "ERROR: a real one\n"


def test_without_the_library_the_message_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(ModelError, match=r"ai-edge-litert: run .*install\.sh"):
        tflite.build(model_files.path(model_files.default("detector")))


def test_tensors_are_named_as_in_the_manifest():
    for model in model_files.models():
        if model.runtime != "tflite":
            continue
        runtime = tflite.build(model_files.path(model))
        assert runtime.inputs[0].shape == (1, model.height, model.width, 3)
        assert tuple(spec.name for spec in runtime.outputs) == model.outputs


@pytest.mark.parametrize(
    "model", [one for one in model_files.models() if one.runtime == "tflite"], ids=lambda one: one.id
)
def test_every_model_of_ours_is_taken_whole_by_what_is_quick(model):
    assert "takes all of its" in tflite.delegation(model_files.path(model))


class Cut:
    """A graph of which one operation is left between two pieces."""

    def _get_ops_details(self):
        names = ["CONV_2D", "GATHER", "CONV_2D", "DELEGATE", "DELEGATE"]
        return [{"op_name": name, "inputs": [0], "outputs": [number]} for number, name in enumerate(names)]

    def get_input_details(self):
        return [{"index": 0}]

    def get_output_details(self):
        return [{"index": 4}]


def test_a_graph_that_is_cut_is_told(monkeypatch):
    monkeypatch.setattr(tflite, "_interpreter", lambda path, threads: Cut())
    assert "3 operations in 2 pieces" in tflite.delegation(Path("cut.tflite"))
