"""Run as a process of its own: loads a .keras file on Keras's PyTorch backend and exports it to ONNX.

python -m headstart.engines.onnx.export_child MODEL.keras GRAPH.onnx
"""

from __future__ import annotations

import sys
import warnings

from headstart.core import backend


def main(saved: str, graph: str) -> None:
    """Loads the model at `saved` (no code in it is run) and writes its graph for one sample to `graph`."""
    keras = backend.ensure()
    model = keras.saving.load_model(saved, compile=False, safe_mode=True)

    # Only with every size fixed does Keras go by PyTorch's present exporter; the other one takes minutes.
    sizes = {tensor.name: (1, *tensor.shape[1:]) for tensor in model.inputs}
    specs = {t.name: keras.InputSpec(shape=sizes[t.name], dtype=t.dtype, name=t.name) for t in model.inputs}
    zeros = {t.name: keras.ops.zeros(sizes[t.name], t.dtype) for t in model.inputs}
    several = len(specs) > 1
    # Keras exports no model that was never called.
    model(zeros if several else next(iter(zeros.values())))
    signature = [specs if several else next(iter(specs.values()))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.export(graph, format="onnx", verbose=False, input_signature=signature)


if __name__ == "__main__":
    main(*sys.argv[1:3])
