"""Channels between a pointwise and a depthwise convolution brought to like ranges, so that one int8 scale serves all.

Exact in float, and free in int8, where both have a scale of their own per channel: a channel is multiplied where it is
written and divided where it is read (Nagel et al., Data-Free Quantization, 2019; here by values that were seen).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from fold import set_weights, weights_of
from numpy.typing import NDArray

MOST = 16.0
"""Largest factor: a channel that hardly ever answers stays small."""


def equalise(model: onnx.ModelProto, seen: Mapping[str, NDArray[np.float32]]) -> onnx.ModelProto:
    """The same network with like channels; `seen`: the greatest magnitude of each channel by tensor."""
    weights = weights_of(model)
    writers = {node.output[0]: node for node in model.graph.node if node.op_type == "Conv"}
    for reader in writers.values():
        writer = writers.get(reader.input[0])
        if writer is None or weights[reader.input[1]].shape[1] != 1:
            continue
        reach = np.maximum(seen[reader.input[0]], 1e-6)
        factor = np.minimum(reach.max() / reach, MOST).astype(np.float32)
        weights[writer.input[1]] = weights[writer.input[1]] * factor[:, None, None, None]
        weights[writer.input[2]] = weights[writer.input[2]] * factor
        weights[reader.input[1]] = weights[reader.input[1]] / factor[:, None, None, None]
    alike = onnx.ModelProto()
    alike.CopyFrom(model)
    set_weights(alike, weights)
    return alike
