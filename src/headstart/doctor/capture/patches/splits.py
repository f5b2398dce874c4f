"""Watches scikit-learn's `train_test_split`."""

from __future__ import annotations

from types import ModuleType

from headstart.doctor.capture import patching
from headstart.doctor.capture.patches.loaders import watch

MODULE = "sklearn.model_selection"


def install(module: ModuleType) -> None:
    """Patches the function wherever scikit-learn holds it."""
    patching.wrap_function(module.train_test_split, watch("split"), "sklearn")
