"""Run as a process of its own: loads a .keras file on Keras's OpenVINO backend and exports it.

python -m headstart.engines.openvino.export_child MODEL.keras GRAPH.xml
"""

from __future__ import annotations

import sys

from headstart.core import backend


def main(saved: str, graph: str) -> None:
    """Loads the model at `saved` (no code in it is run) and writes its graph to `graph`."""
    keras = backend.ensure()
    model = keras.saving.load_model(saved, compile=False, safe_mode=True)
    model.export(graph, format="openvino", verbose=False)


if __name__ == "__main__":
    main(*sys.argv[1:3])
