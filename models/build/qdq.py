"""Float ONNX to int8 ONNX as TensorRT 8.6 to 11 take it: QuantizeLinear and DequantizeLinear at the ends of int8.

Symmetric, one scale a tensor for what flows, one a channel for weights. A weight stays float before its QuantizeLinear,
because TensorRT 8 takes no other; the engine that is built of it keeps int8.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import onnx
from fold import Weights, set_weights, weights_of
from numpy.typing import NDArray
from onnx import helper

Floats = NDArray[np.float32]

LEVELS = np.float32(127)
PASSING = ("MaxPool", "Resize")
"""Give values of their input and no others: one scale before and after, between which TensorRT leaves int8 as it is."""
READERS = ("Conv", "Add", *PASSING)
"""Read int8. Relu and PRelu do not: they run as the end of the convolution before them."""


def scales(model: onnx.ModelProto, seen: Mapping[str, Floats]) -> dict[str, Floats]:
    """The scale of each tensor; `seen`: the greatest magnitudes of its channels."""
    found = {name: np.asarray(greatest.max() / LEVELS, np.float32) for name, greatest in seen.items()}
    for node in model.graph.node:
        if node.op_type in PASSING and node.input[0] in found:
            found[node.output[0]] = found[node.input[0]]
    return found


def by_channel(weight: Floats) -> Floats:
    """The scales of a convolution's weight (out, in/groups, h, w)."""
    return np.asarray(np.maximum(np.abs(weight).max(axis=(1, 2, 3)), 1e-8) / LEVELS, np.float32)


def pair(name: str, scale: Floats, weights: Weights) -> list[onnx.NodeProto]:
    """NAME to int8 and back to NAME_real; adds scale and zero point to `weights`. A scale of one side is by channel."""
    ends = [f"{name}_scale", f"{name}_zero"]
    weights[ends[0]], weights[ends[1]] = scale, np.zeros(scale.shape, np.int8)
    axis = {"axis": 0} if scale.ndim else {}
    return [
        helper.make_node("QuantizeLinear", [name, *ends], [f"{name}_int8"], f"{name}_quantise", **axis),
        helper.make_node("DequantizeLinear", [f"{name}_int8", *ends], [f"{name}_real"], f"{name}_dequantise", **axis),
    ]


def with_pairs(model: onnx.ModelProto, seen: Mapping[str, Floats], kept: Collection[str] = ()) -> onnx.ModelProto:
    """The network of NCHW in int8, but for the nodes whose outputs are `kept` float; `seen`: see `scales`.

    The picture stays float, and with it the convolution that reads it: a byte has one bit more than int8 from zero up.
    """
    weights, scale_of = weights_of(model), scales(model, seen)
    picture, nodes, done = model.graph.input[0].name, [], set[str]()
    made = onnx.ModelProto()
    made.CopyFrom(model)
    for node in made.graph.node:
        if node.op_type in READERS and picture not in node.input and node.output[0] not in kept:
            if node.op_type == "Conv":
                scale_of[node.input[1]] = by_channel(weights[node.input[1]])
            for name in node.input:
                if name in scale_of and name not in done:
                    nodes += pair(name, scale_of[name], weights)
                    done.add(name)
            node.input[:] = [f"{name}_real" if name in done else name for name in node.input]
        nodes.append(node)
    del made.graph.value_info[:]
    _replace(made, nodes, weights)
    onnx.checker.check_model(made, full_check=True)
    return made


def _replace(model: onnx.ModelProto, nodes: list[onnx.NodeProto], weights: Weights) -> None:
    kept = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    set_weights(model, weights)
