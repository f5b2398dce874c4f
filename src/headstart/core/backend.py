"""Which backend Keras runs on: the user's where it is installed, else OpenVINO, else one with gradients.

Keras reads its backend once, when it is first imported. So every import of Keras in headstart goes
through this file.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from types import ModuleType

from headstart.core import one_core, quiet
from headstart.core.errors import EngineError

GRADIENT_BACKENDS = ("tensorflow", "torch", "jax")
"""Backends that can train, in the order in which they are tried.

JAX comes last: on a CPU it runs depthwise convolutions many times slower than the others.
"""

_MODULE = {"tensorflow": "tensorflow", "torch": "torch", "jax": "jax", "openvino": "openvino"}


def installed(backend: str) -> bool:
    """Whether the package behind a Keras backend can be imported here."""
    module = _MODULE.get(backend)
    return module is not None and importlib.util.find_spec(module) is not None


def wanted() -> str | None:
    """The backend that KERAS_BACKEND or keras.json names, where it is installed.

    Keras writes a keras.json that says 'tensorflow' when it is first imported, whether TensorFlow is
    there or not; a backend that is not installed is therefore no sign of the user's will.
    """
    named = os.environ.get("KERAS_BACKEND")
    if not named:
        home = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras")
        try:
            named = json.loads((home / "keras.json").read_text(encoding="utf-8")).get("backend")
        except (OSError, ValueError, AttributeError):
            named = None
    return named if named and installed(named) else None


def choose(gradients: bool = False) -> str:
    """The backend to use now.

    Args:
        gradients: Whether the work at hand trains with Keras.

    Raises:
        EngineError: If gradients are needed and no backend for them is installed or loaded.
    """
    if "keras" in sys.modules:
        current = str(sys.modules["keras"].config.backend())
        if gradients and current not in GRADIENT_BACKENDS:
            raise EngineError(
                "Training with Keras needs one of the backends " + ", ".join(GRADIENT_BACKENDS),
                f"Keras already running on {current!r}",
                _advice(),
            )
        return current
    named = wanted()
    if not gradients:
        return named or "openvino"
    if named in GRADIENT_BACKENDS:
        return named
    for backend in GRADIENT_BACKENDS:
        if installed(backend):
            return backend
    raise EngineError(
        "Training with Keras needs one of the backends " + ", ".join(GRADIENT_BACKENDS),
        "an environment with none of them",
        _advice(),
    )


def ensure(gradients: bool = False) -> ModuleType:
    """Imports Keras on the backend that `choose` names, and returns it."""
    backend = choose(gradients)
    quiet.silence()
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = backend
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    keras = importlib.import_module("keras")
    if keras.config.backend() == "openvino":
        one_core.share()
    return keras


def _advice() -> str:
    there = [backend for backend in GRADIENT_BACKENDS if installed(backend)]
    if there:
        return f"set KERAS_BACKEND={there[0]} before the program starts"
    return "install one with: pip install 'headstart[tensorflow]' (or [torch], [jax])"
