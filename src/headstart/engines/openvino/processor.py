"""What this processor is and can do, as OpenVINO sees it."""

from __future__ import annotations

import functools
import os

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from headstart.core.errors import SettingsError
from headstart.core.one_core import one_core


def core() -> ov.Core:
    """The one OpenVINO core of this process."""
    return one_core()


def threads() -> int:
    """How many threads to compute with: HEADSTART_THREADS, else the cores that this process may use.

    Raises:
        SettingsError: If HEADSTART_THREADS is no positive whole number.
    """
    told = os.environ.get("HEADSTART_THREADS", "").strip()
    if told:
        if not told.isdecimal() or int(told) < 1:
            raise SettingsError(
                "HEADSTART_THREADS must be a whole number of threads, 1 or more",
                f"HEADSTART_THREADS={told!r}",
                "set it to a number such as 2, or unset it to use every core",
            )
        return int(told)
    # joblib knows the affinity of the process and the quota of a container, as well as the cores.
    from joblib import cpu_count

    return int(cpu_count())


@functools.cache
def name() -> str:
    """The processor's name."""
    return str(core().get_property("CPU", "FULL_DEVICE_NAME")).strip()


def version() -> str:
    """OpenVINO's own version, with its build."""
    return str(ov.get_version())


@functools.cache
def native_bf16() -> bool:
    """Whether this processor computes in bf16 itself.

    OpenVINO lists bf16 among a processor's capabilities where it can only emulate it too, but takes it
    by default only where it is native. So a tiny network is compiled, and asked what it took.
    """
    if "BF16" not in core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        return False
    pixels = ops.parameter([1, 4, 4, 4], np.float32)
    kernel = ops.constant(np.ones((4, 4, 1, 1), np.float32))
    layer = ops.convolution(pixels, kernel, [1, 1], [0, 0], [0, 0], [1, 1])
    compiled = core().compile_model(ov.Model([layer], [pixels]), "CPU")
    return bool(compiled.get_property("INFERENCE_PRECISION_HINT") == ov.Type.bf16)
