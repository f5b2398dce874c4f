"""Answers names that Keras 3 dropped, so that a script of Keras 1 or 2 can be looked at."""

from __future__ import annotations

from types import ModuleType

from headstart.doctor.capture import oldnames
from headstart.doctor.capture.imports import when_imported

MODULE = "keras"


def install(module: ModuleType) -> None:  # noqa: ARG001
    """Sets the hooks on Keras and, as soon as it is there, on its twin under `tf.keras`."""
    oldnames.install(when_imported)
