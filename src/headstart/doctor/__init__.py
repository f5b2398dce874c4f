"""The doctor: runs a Keras training script and names every fault at its line, with a number that proves it.

The wing's own order: capture -> case -> probes -> rules -> findings -> reporters, repair.
`docs/doctor-rules.md` is the guide to writing a rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headstart.doctor.callback import Doctor as Doctor
    from headstart.doctor.examination import examine as examine
    from headstart.doctor.live import diagnose as diagnose
    from headstart.doctor.records import Diagnosis as Diagnosis
    from headstart.doctor.records import Finding as Finding

_HOME = {
    "examine": "headstart.doctor.examination",
    "diagnose": "headstart.doctor.live",
    "Doctor": "headstart.doctor.callback",
    "Diagnosis": "headstart.doctor.records",
    "Finding": "headstart.doctor.records",
}

__all__ = ["Diagnosis", "Doctor", "Finding", "diagnose", "examine"]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOME[name]), name)
