"""One file for each thing of Keras and its neighbours that is watched.

A file here has `MODULE`, the name of a module, and `install(module)`, which is called once when that
module has been imported. Nothing else need be edited to add one.
"""

from __future__ import annotations

import importlib
import pkgutil

from headstart.doctor.capture.imports import when_imported

_installed: set[str] = set()


def install_all() -> None:
    """Sets every patch, now where its module is loaded and else as soon as it is."""
    for found in pkgutil.iter_modules(__path__):
        if found.name in _installed:
            continue
        _installed.add(found.name)
        patch = importlib.import_module(f"{__name__}.{found.name}")
        when_imported(patch.MODULE, patch.install)
