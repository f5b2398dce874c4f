"""From a graph that takes one sample to an engine."""

from __future__ import annotations

import openvino as ov

from headstart.core.errors import EngineError
from headstart.engines.openvino import processor
from headstart.engines.openvino.engine import OpenVinoEngine
from headstart.engines.openvino.tensors import OpenVinoTensors
from headstart.engines.protocol import EngineInfo, Precision

REQUESTS_A_STREAM = 4
"""Requests for each stream: one that runs and three that wait, while others decode or store."""


def streams(threads: int) -> int:
    """How many pictures to compute side by side, so that the most are done in a second.

    On few threads one each; on many, two threads share a picture, since a stream has its own activations.
    """
    return threads if threads <= 4 else max(4, threads // 2)


def compile_graph(graph: ov.Model, precision: Precision, notes: tuple[str, ...] = ()) -> OpenVinoEngine:
    """Compiles a graph from one uint8 picture to features for throughput.

    Raises:
        EngineError: If OpenVINO cannot compile it, or cannot compute in that precision here.
    """
    return OpenVinoEngine(*_compiled(graph, precision, notes))


def compile_tensors(graph: ov.Model, precision: Precision, notes: tuple[str, ...] = ()) -> OpenVinoTensors:
    """Compiles a graph from one sample of any inputs to any outputs for throughput.

    Raises:
        EngineError: If OpenVINO cannot compile it, or cannot compute in that precision here.
    """
    return OpenVinoTensors(*_compiled(graph, precision, notes))


def _compiled(
    graph: ov.Model, precision: Precision, notes: tuple[str, ...]
) -> tuple[ov.CompiledModel, EngineInfo]:
    """Compiles a graph, leaving neither precision nor threads to OpenVINO."""
    core = processor.core()
    if precision == "bf16":
        if "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            raise EngineError(
                "bf16 needs a processor that can compute in it",
                f"precision='bf16' on {processor.name()}",
                "use --precision f32, or auto",
            )
        if not processor.native_bf16():
            notes = (*notes, "This processor only emulates bf16: f32 is likely faster.")
    threads = processor.threads()
    side_by_side = streams(threads)
    try:
        compiled = core.compile_model(
            graph,
            "CPU",
            {
                # A quantised graph says itself what is computed in int8; the rest of it must not depend on
                # what the processor would like best.
                "INFERENCE_PRECISION_HINT": "f32" if precision == "int8" else precision,
                "NUM_STREAMS": str(side_by_side),
                "INFERENCE_NUM_THREADS": threads,
            },
        )
    except RuntimeError as error:
        raise EngineError(
            "The OpenVINO engine runs graphs that OpenVINO can compile",
            f"a graph that it refused ({str(error).strip().splitlines()[-1][:300]})",
            "use the Keras engine (--engine keras)",
        ) from error
    info = EngineInfo(
        name="openvino",
        version=ov.get_version(),
        precision=precision,
        requests=side_by_side * REQUESTS_A_STREAM,
        threads=threads,
        processor=processor.name(),
        notes=notes,
    )
    return compiled, info
