"""A folded ONNX network as float TFLite, NHWC, in the operators that XNNPACK runs without a gap.

Only what the two networks use is known here; anything else is an error. Nearest upsampling by two becomes two
concatenations and reshapes: XNNPACK leaves RESIZE_NEAREST_NEIGHBOR to slow code and cuts the graph in three for it.
"""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np
import onnx
import tensorflow as tf
from fold import Weights, weights_of
from numpy.typing import NDArray

Tensor = Any
Options = dict[str, Any]


def conv(x: Tensor, weight: Any, bias: Any, options: Options) -> Tensor:
    """A plain or a depthwise convolution; ONNX weights (out, in/groups, h, w)."""
    stride, pads = options.get("strides", [1, 1])[0], options.get("pads", [0, 0, 0, 0])
    same = stride == 1 and pads == [weight.shape[2] // 2] * 4
    if not same and any(pads):
        x = tf.pad(x, [[0, 0], [pads[0], pads[2]], [pads[1], pads[3]], [0, 0]])
    padding = "SAME" if same else "VALID"
    if options.get("group", 1) == 1:
        y = tf.nn.conv2d(x, weight.transpose(2, 3, 1, 0), stride, padding)
    elif options["group"] == weight.shape[0] and weight.shape[1] == 1:
        y = tf.nn.depthwise_conv2d(x, weight.transpose(2, 3, 0, 1), [1, stride, stride, 1], padding)
    else:
        raise ValueError("a convolution with groups that is not depthwise")
    return tf.nn.bias_add(y, bias)


def doubled(x: Tensor) -> Tensor:
    """Every pixel twice in both directions: a row is widened by channel, then the picture is lengthened by row."""
    _, height, width, channels = x.shape
    wide = tf.reshape(tf.concat([x, x], axis=3), [1, height, 2 * width, channels])
    return tf.reshape(tf.concat([wide, wide], axis=2), [1, 2 * height, 2 * width, channels])


def prelu(x: Tensor, slope: Any) -> Tensor:
    """relu(x) + (-a) relu(-x): the form in which the converter recognises a PRELU."""
    return tf.nn.relu(x) + (-slope.reshape(1, 1, -1)) * tf.nn.relu(-x)


def apply(node: onnx.NodeProto, values: dict[str, Tensor], weights: Weights) -> Tensor:
    """One node's output in NHWC."""
    options = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    x = values[node.input[0]]
    if node.op_type == "Conv":
        return conv(x, weights[node.input[1]], weights[node.input[2]], options)
    if node.op_type == "Relu":
        return tf.nn.relu(x)
    if node.op_type == "PRelu":
        return prelu(x, weights[node.input[1]].reshape(-1))
    if node.op_type == "MaxPool" and options["kernel_shape"] == [2, 2]:
        return tf.nn.max_pool2d(x, 2, 2, "VALID")
    if node.op_type == "Add":
        return x + values[node.input[1]]
    if node.op_type == "Resize" and list(weights[node.input[2]]) == [1, 1, 2, 2] and options["mode"] == b"nearest":
        return doubled(x)
    if node.op_type == "Reshape" and x.shape[1] == x.shape[2] == 1:
        return tf.reshape(x, [1, x.shape[3]])
    raise ValueError(f"an operator this converter does not know: {node.op_type}")


def magnitudes(model: onnx.ModelProto, samples: list[NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Per 4-D tensor the greatest magnitude of each channel over all samples (1, h, w, 3)."""
    weights, seen = weights_of(model), {}
    for sample in samples:
        values = {model.graph.input[0].name: tf.constant(sample)}
        for node in model.graph.node:
            name = node.output[0]
            values[name] = apply(node, values, weights)
            if len(values[name].shape) == 4:
                greatest = np.abs(values[name].numpy()).max(axis=(0, 1, 2))
                seen[name] = np.maximum(seen.get(name, greatest), greatest)
    return seen


def convert(model: onnx.ModelProto) -> bytes:
    """The TFLite flatbuffer; one signature, its tensors named as in the ONNX; input NHWC float32."""
    weights = weights_of(model)
    name = model.graph.input[0].name
    _, channels, height, width = (side.dim_value for side in model.graph.input[0].type.tensor_type.shape.dim)

    @tf.function(input_signature=[tf.TensorSpec([1, height, width, channels], tf.float32, name=name)])  # type: ignore[misc]
    def network(picture: Tensor) -> dict[str, Tensor]:
        values = {name: picture}
        for node in model.graph.node:
            values[node.output[0]] = apply(node, values, weights)
        return {output.name: values[output.name] for output in model.graph.output}

    module = tf.Module()
    module.network = network
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures={"serving_default": network.get_concrete_function()})
        flatbuffer: bytes = tf.lite.TFLiteConverter.from_saved_model(folder).convert()
    return flatbuffer
