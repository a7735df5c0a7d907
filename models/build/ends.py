"""Ends of an ONNX model turned to NHWC, so that what runs it (TensorRT) takes and gives what TFLite does."""

from __future__ import annotations

import onnx
from onnx import helper

Value = onnx.ValueInfoProto
TO_NHWC, TO_NCHW = [0, 2, 3, 1], [0, 3, 1, 2]


def turned(value: Value) -> Value:
    """The same value with its last three sides in the order NHWC."""
    sides = [side.dim_value for side in value.type.tensor_type.shape.dim]
    return helper.make_tensor_value_info(value.name, value.type.tensor_type.elem_type, [sides[i] for i in TO_NHWC])


def is_map(value: Value) -> bool:
    """True for a picture or a map, False for a vector."""
    return len(value.type.tensor_type.shape.dim) == 4


def with_nhwc_ends(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network between two layers of Transpose; its inputs and outputs keep their names."""
    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    inputs, outputs = ([v.name for v in ends if is_map(v)] for ends in (graph.input, graph.output))
    for node in graph.node:
        for names in (node.input, node.output):
            names[:] = [f"{name}_nchw" if name in {*inputs, *outputs} else name for name in names]
    before = [helper.make_node("Transpose", [name], [f"{name}_nchw"], perm=TO_NCHW) for name in inputs]
    after = [helper.make_node("Transpose", [f"{name}_nchw"], [name], perm=TO_NHWC) for name in outputs]
    nodes = [*before, *graph.node, *after]
    del graph.node[:]
    graph.node.extend(nodes)
    for ends in (graph.input, graph.output):
        values = [turned(value) if is_map(value) else value for value in ends]
        del ends[:]
        ends.extend(values)
    onnx.checker.check_model(made, full_check=True)
    return made
