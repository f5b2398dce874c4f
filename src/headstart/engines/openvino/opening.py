"""From a Keras model to a running OpenVINO engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as ops

from headstart.core.errors import EngineError
from headstart.engines.openvino import processor
from headstart.engines.openvino.engine import OpenVinoEngine
from headstart.engines.openvino.export import export_graph
from headstart.engines.protocol import EngineInfo, Precision

if TYPE_CHECKING:
    import keras


def open_openvino(
    model: keras.Model,
    *,
    precision: Precision,
    channels_first: bool = True,
    sample: NDArray[np.uint8] | None = None,
    cache: Path | None = None,
) -> OpenVinoEngine:
    """Makes an OpenVINO engine of a Keras model.

    Args:
        model: From raw RGB, float (batch, height, width, 3) in 0..255 with fixed height and width, to
            features (batch, width).
        precision: What to compute in; never left to OpenVINO, whose choice depends on the machine.
        channels_first: Whether to rewrite the graph to channels-first order, which is faster.
        sample: A few pictures, uint8 (k, height, width, 3), on which the rewritten graph is checked against
            the exported one; drawn by itself where None.
        cache: Folder where the outcome of that check is kept; None keeps nothing.

    Raises:
        EngineError: If the model cannot be exported, or is not of that kind.
    """
    del channels_first, sample, cache
    graph = take_bytes(export_graph(model))
    return compile_graph(graph, precision)


def take_bytes(graph: ov.Model) -> ov.Model:
    """Makes a graph take one uint8 picture at a time, in place, and returns it."""
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        raise EngineError(
            "A trunk has one input and one output",
            f"{len(graph.inputs)} inputs and {len(graph.outputs)} outputs",
            "cut the model down to one picture in and one feature vector out",
        )
    shape = graph.inputs[0].partial_shape
    if len(shape) != 4 or any(dimension.is_dynamic for dimension in list(shape)[1:]):
        raise EngineError(
            "A trunk takes pictures of one fixed size, (batch, height, width, 3)",
            f"an input of shape {shape}",
            "give the model's Input a fixed height and width",
        )
    parameter = graph.inputs[0].get_node()
    users = list(parameter.output(0).get_target_inputs())
    parameter.set_element_type(ov.Type.u8)
    parameter.set_partial_shape(ov.PartialShape([1, *(d.get_length() for d in list(shape)[1:])]))
    parameter.validate_and_infer_types()
    floats = ops.convert(parameter, "f32")
    for user in users:
        user.replace_source_output(floats.output(0))
    graph.validate_nodes_and_infer_types()
    if graph.outputs[0].partial_shape.is_dynamic or len(graph.outputs[0].shape) != 2:
        raise EngineError(
            "A trunk gives features of shape (batch, width)",
            f"an output of shape {graph.outputs[0].partial_shape}",
            "end the model in GlobalAveragePooling2D or another layer that leaves one vector a picture",
        )
    return graph


def compile_graph(graph: ov.Model, precision: Precision, notes: tuple[str, ...] = ()) -> OpenVinoEngine:
    """Compiles a graph that takes one uint8 picture, for the most pictures a second."""
    threads = processor.threads()
    streams = threads if threads <= 4 else max(4, threads // 2)
    compiled = processor.core().compile_model(
        graph,
        "CPU",
        {
            "INFERENCE_PRECISION_HINT": precision,
            "NUM_STREAMS": str(streams),
            "INFERENCE_NUM_THREADS": threads,
        },
    )
    info = EngineInfo(
        name="openvino",
        version=ov.get_version(),
        precision=precision,
        requests=streams + 1,
        threads=threads,
        processor=processor.name(),
        notes=notes,
    )
    return OpenVinoEngine(compiled, info)
