"""YuNet 2023mar made fit for a box: RGB in, a fixed size, one map of 16 channels per stride out.

All of it is exact in float. The four heads of a stride (cls, obj, bbox, kps) are each a 1x1 convolution followed by a
depthwise 3x3 one; side by side they are one of each, which spares 18 convolutions, 12 transposes and 12 reshapes.
"""

from __future__ import annotations

import numpy as np
import onnx
from fold import Weights, set_weights, weights_of
from onnx import TensorProto, helper

HEADS = ("cls", "obj", "bbox", "kps")  # 1 + 1 + 4 + 10 channels, in this order
STRIDES = (8, 16, 32)
HEAD_OUTPUTS = frozenset(f"stride{stride}{part}" for stride in STRIDES for part in ("_point", ""))
"""What the two convolutions of each head give: a logit has no bit to spare, and they are 3 % of the work."""


def head_convs(model: onnx.ModelProto, head: str, level: int) -> tuple[onnx.NodeProto, onnx.NodeProto]:
    """The pointwise and the depthwise convolution of one head at one level."""
    prefix = f"bbox_head.multi_level_{head}.{level}."
    first, second = (
        next(node for node in model.graph.node if node.op_type == "Conv" and node.input[2].startswith(prefix + conv))
        for conv in ("conv1", "conv2")
    )
    return first, second


def merged_head(model: onnx.ModelProto, weights: Weights, level: int) -> list[onnx.NodeProto]:
    """The heads of a level as two nodes; their weights are added to `weights`."""
    pairs = [head_convs(model, head, level) for head in HEADS]
    name = f"stride{STRIDES[level]}"
    for part, side in enumerate(("point", "depth")):
        for slot, kind in ((1, "weight"), (2, "bias")):
            tensors = [weights[pair[part].input[slot]] for pair in pairs]
            weights[f"{name}_{side}_{kind}"] = np.concatenate(tensors).astype(np.float32)
    point, depth = ([f"{name}_{side}_weight", f"{name}_{side}_bias"] for side in ("point", "depth"))
    return [
        helper.make_node("Conv", [pairs[0][0].input[0], *point], [f"{name}_point"], kernel_shape=[1, 1]),
        helper.make_node("Conv", [f"{name}_point", *depth], [name], kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=16),
    ]


def take_rgb(model: onnx.ModelProto, weights: Weights) -> None:
    """Flips the input channels of the first convolution: the original takes BGR."""
    first = next(node for node in model.graph.node if node.op_type == "Conv")
    weights[first.input[1]] = np.ascontiguousarray(weights[first.input[1]][:, ::-1])


def fit(model: onnx.ModelProto, width: int, height: int) -> onnx.ModelProto:
    """The folded original as an NCHW model for pictures of width x height, both multiples of 32."""
    weights = weights_of(model)
    take_rgb(model, weights)
    tail = ("bbox_head.", "cls_", "obj_", "bbox_", "kps_")
    body = []
    for node in model.graph.node:
        if node.op_type == "Transpose" or node.input[-1].startswith(tail):
            break
        body.append(node)
    nodes = body + [node for level in range(len(STRIDES)) for node in merged_head(model, weights, level)]
    shape = [1, 3, height, width]
    graph = helper.make_graph(
        nodes,
        f"yunet_{width}x{height}",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [
            helper.make_tensor_value_info(f"stride{s}", TensorProto.FLOAT, [1, 16, height // s, width // s])
            for s in STRIDES
        ],
    )
    fitted = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    set_weights(fitted, weights)
    onnx.checker.check_model(fitted, full_check=True)
    return fitted
