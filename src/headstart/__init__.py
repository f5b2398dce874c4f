"""Transfer learning for pictures that starts right.

The public names, each imported when it is first used, so that `import headstart` is quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.core.errors import HeadstartError
    from headstart.doctor.callback import Doctor
    from headstart.doctor.live import diagnose
    from headstart.frozen import fit
    from headstart.public import evaluate, predict, train
    from headstart.use.classifier import HeadstartClassifier

_HOME = {
    "Doctor": "headstart.doctor.callback",
    "HeadstartClassifier": "headstart.use.classifier",
    "HeadstartError": "headstart.core.errors",
    "diagnose": "headstart.doctor.live",
    "evaluate": "headstart.public",
    "fit": "headstart.frozen",
    "predict": "headstart.public",
    "train": "headstart.public",
}

__all__ = [
    "Doctor",
    "HeadstartClassifier",
    "HeadstartError",
    "diagnose",
    "evaluate",
    "fit",
    "predict",
    "train",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'headstart' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
