"""Float TFLite to int8 TFLite, weights by channel: all of it with ranges from samples, or a part with live ranges."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from litert_quantizer import quantizer, recipe
from litert_quantizer.calibrator import Calibrator
from litert_quantizer.qtyping import TFLOperationName as Operation
from litert_quantizer.recipe_manager import RecipeManager
from litert_quantizer.utils import qsv_utils
from numpy.typing import NDArray

SIGNATURE = "serving_default"
Sample = NDArray[np.float32]
Ranges = Mapping[str, tuple[float, float]]


def tensor_names(model: Path) -> dict[str, str]:
    """The model's own tensor name of each name in its signature."""
    runner = Interpreter(str(model)).get_signature_runner(SIGNATURE)
    details = {**runner.get_input_details(), **runner.get_output_details()}
    return {name: detail["name"] for name, detail in details.items()}


def ranges_seen(model: Path, samples: list[Sample]) -> dict[str, Any]:
    """The least and the greatest value of every tensor over all samples."""
    manager = RecipeManager()
    manager.load_quantization_recipe(recipe.static_wi8_ai8())
    calibrator = Calibrator(str(model), num_threads=1, qsv_update_func=qsv_utils.min_max_update)
    calibrator.calibrate({SIGNATURE: [{"input": sample} for sample in samples]}, manager)
    return dict(calibrator.get_model_qsvs())


def quantised(model: Path, samples: list[Sample], fixed: Ranges) -> bytes:
    """Weights and activations int8; `fixed`: the ranges of inputs and outputs by their name in the signature."""
    ranges, names = ranges_seen(model, samples), tensor_names(model)
    for name, (least, most) in fixed.items():
        shape = np.shape(ranges[names[name]]["min"])
        ranges[names[name]] = {"min": np.full(shape, least, np.float32), "max": np.full(shape, most, np.float32)}
    worker = quantizer.Quantizer(str(model), recipe.static_wi8_ai8())
    return bytes(worker.quantize(ranges, enable_progress_report=False).quantized_model)


def quantised_live(model: Path) -> bytes:
    """int8 in convolutions that mix channels, their input's range taken from each picture; all else stays float."""
    manager = RecipeManager()
    manager.add_dynamic_config(".*", Operation.CONV_2D, num_bits=8)
    worker = quantizer.Quantizer(str(model), manager.get_quantization_recipe())
    return bytes(worker.quantize(enable_progress_report=False).quantized_model)
