"""Exported graphs: made to take bytes, and named by what they compute."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from headstart.core.errors import EngineError


def take_bytes(graph: ov.Model) -> ov.Model:
    """Makes a graph take one uint8 picture at a time, in place, and returns it.

    One picture a request was as fast as any batch on two cores (requests run side by side), needs the
    least memory, and lets a picture's features depend on no other picture. Some exports, those with
    Flatten or squeeze-and-excite blocks, have the batch size 1 baked in anyway.

    Raises:
        EngineError: If it is not from one picture of fixed size to one vector of features or one map of them.
    """
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise EngineError(
            "A trunk has one input and one output",
            f"{len(graph.inputs)} inputs and {len(graph.outputs)} outputs",
            "cut the model down to one picture in and one feature vector out",
        )
    shape = list(graph.inputs[0].partial_shape)
    if len(shape) != 4 or any(length.is_dynamic for length in shape[1:]):
        raise EngineError(
            "A trunk takes pictures of one fixed size, (batch, height, width, 3)",
            f"an input of shape {graph.inputs[0].partial_shape}",
            "give the model's Input a fixed height and width",
        )
    parameter = graph.inputs[0].get_node()
    kind = parameter.get_element_type()
    users = list(parameter.output(0).get_target_inputs())
    parameter.set_element_type(ov.Type.u8)
    parameter.set_partial_shape(ov.PartialShape([1, *(length.get_length() for length in shape[1:])]))
    parameter.validate_and_infer_types()
    floats = ops.convert(parameter, kind.to_dtype()).output(0)
    for user in users:
        user.replace_source_output(floats)
    graph.validate_nodes_and_infer_types()
    result = graph.outputs[0].partial_shape
    if result.is_dynamic or len(result) not in (2, 4):
        raise EngineError(
            "A trunk gives features of shape (batch, width), or maps of shape (batch, rows, columns, width)",
            f"an output of shape {result}",
            "end the model in GlobalAveragePooling2D or another layer that leaves one vector a picture",
        )
    return graph


def take_one(graph: ov.Model, names: Sequence[str]) -> ov.Model:
    """Makes a graph of any inputs and outputs take one sample at a time, in place, and returns it.

    Args:
        graph: As exported.
        names: Its inputs in the order in which they are to be given; one input needs no name.

    Raises:
        EngineError: If a size of an input or of an output stays open.
    """
    entries = {name: entry for entry in graph.inputs for name in entry.get_names()}
    ordered = list(graph.inputs) if len(names) == 1 else [entries[name] for name in names]
    for entry in ordered:
        shape = list(entry.partial_shape)
        if any(length.is_dynamic for length in shape[1:]):
            raise EngineError(
                "The OpenVINO engine runs models whose inputs have fixed sizes",
                f"an input of shape {entry.partial_shape}",
                "give keras.Input a fixed shape, or use the Keras engine",
            )
        parameter = entry.get_node()
        parameter.set_partial_shape(ov.PartialShape([1, *(length.get_length() for length in shape[1:])]))
    made = ov.Model(
        [output.get_node().input_value(0) for output in graph.outputs],
        [entry.get_node() for entry in ordered],
        graph.get_friendly_name(),
    )
    made.validate_nodes_and_infer_types()
    for output in made.outputs:
        if output.partial_shape.is_dynamic or len(output.partial_shape) == 0 or output.partial_shape[0] != 1:
            raise EngineError(
                "The OpenVINO engine runs models whose outputs have a fixed size for each sample",
                f"an output of shape {output.partial_shape}",
                "use the Keras engine",
            )
    return made


def fingerprint(graph: ov.Model) -> str:
    """A SHA-256 over operations, their settings, their connections and the constants; names do not count."""
    digest = hashlib.sha256()
    places: dict[str, int] = {}
    for place, node in enumerate(graph.get_ordered_ops()):
        places[node.get_name()] = place
        sources = [(places[s.get_node().get_name()], s.get_index()) for s in node.input_values()]
        kinds = [(str(o.get_element_type()), str(o.get_partial_shape())) for o in node.outputs()]
        if node.get_type_name() == "Constant":
            digest.update(f"constant {kinds}".encode())
            data = np.ascontiguousarray(node.data)
            digest.update(data.reshape(-1).view(np.uint8).data if data.size else b"")
        else:
            settled = sorted((name, str(value)) for name, value in node.get_attributes().items())
            digest.update(f"{node.get_type_name()} {sources} {kinds} {settled}".encode())
    return digest.hexdigest()
