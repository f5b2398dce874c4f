"""One OpenVINO core for the whole process, Keras's own calls included.

A core's CPU plugin gives the main thread a stack of its own for signals, and puts the former one back when it
goes. Keras makes a core for every model that it compiles; where two of them go in another order than the
reverse of their making, what is put back is a stack that is gone already (OpenVINO 2026.4), and Ctrl-C
then writes into memory that belongs to something else. A core that stays puts nothing back.
"""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def one_core() -> Any:
    """The `openvino.Core` of this process."""
    import openvino as ov

    found = ov.Core()
    # A file that stays mapped cannot be deleted on Windows, and exports lie in temporary folders.
    found.set_property({"ENABLE_MMAP": False})
    return found


def share() -> None:
    """Makes `openvino.compile_model`, which Keras calls, use the one core in place of a new one."""
    import openvino as ov

    ov.compile_model = _compile_model


def _compile_model(model: Any, device_name: str = "AUTO", config: dict[str, Any] | None = None) -> Any:
    return one_core().compile_model(model, device_name, config or {})
