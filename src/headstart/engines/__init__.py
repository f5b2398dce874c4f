"""Engines run a trunk over pictures: one protocol, several ways."""

from headstart.core import quiet

# Before any module of this room imports OpenVINO.
quiet.silence()

from headstart.engines.choice import choose_precision  # noqa: E402
from headstart.engines.choice import compare as compare_precisions  # noqa: E402
from headstart.engines.keras_predict import open_keras  # noqa: E402
from headstart.engines.onnx.export import require as require_onnx  # noqa: E402
from headstart.engines.onnx.opening import open_onnx  # noqa: E402
from headstart.engines.openvino.compiling import compile_graph  # noqa: E402
from headstart.engines.openvino.export import export_graph  # noqa: E402
from headstart.engines.openvino.int8 import require as require_int8  # noqa: E402
from headstart.engines.openvino.opening import open_openvino  # noqa: E402
from headstart.engines.openvino.processor import native_bf16  # noqa: E402
from headstart.engines.protocol import Agreement, Arrays, Engine, EngineInfo, TensorEngine  # noqa: E402

__all__ = [
    "Agreement",
    "Arrays",
    "Engine",
    "EngineInfo",
    "TensorEngine",
    "choose_precision",
    "compare_precisions",
    "compile_graph",
    "export_graph",
    "native_bf16",
    "open_keras",
    "open_onnx",
    "open_openvino",
    "require_int8",
    "require_onnx",
]
