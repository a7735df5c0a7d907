"""Block-quantised ONNX to plain float ONNX: every DequantizeLinear and the Reshape behind it become constants."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

Weights = dict[str, NDArray[np.generic]]


def weights_of(model: onnx.ModelProto) -> Weights:
    """The model's initializers by name."""
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def set_weights(model: onnx.ModelProto, weights: Weights) -> None:
    """Replaces the model's initializers by those its nodes use."""
    used = {name for node in model.graph.node for name in node.input}
    del model.graph.initializer[:]
    model.graph.initializer.extend(
        numpy_helper.from_array(np.ascontiguousarray(weights[name]), name) for name in sorted(used & set(weights))
    )


def dequantise(node: onnx.NodeProto, weights: Weights) -> NDArray[np.float32]:
    """The float tensor that a DequantizeLinear node makes of constants: (x - zero_point) * scale, by blocks."""
    options = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    tensor, scale, zero = (weights[name].astype(np.float32) for name in node.input)
    axis, block = options["axis"], options["block_size"]
    spread = [np.repeat(part, block, axis=axis).take(range(tensor.shape[axis]), axis=axis) for part in (scale, zero)]
    return ((tensor - spread[1]) * spread[0]).astype(np.float32)


def fold(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy of `model` without DequantizeLinear nodes and without a Reshape of a constant."""
    weights = weights_of(model)
    kept = []
    for node in model.graph.node:
        if node.op_type == "DequantizeLinear":
            weights[node.output[0]] = dequantise(node, weights)
        elif node.op_type == "Reshape" and node.input[0] in weights:
            weights[node.output[0]] = weights[node.input[0]].reshape(weights[node.input[1]])
        else:
            kept.append(node)
    folded = onnx.ModelProto()
    folded.CopyFrom(model)
    del folded.graph.node[:]
    folded.graph.node.extend(kept)
    set_weights(folded, weights)
    del folded.graph.value_info[:]
    return folded
