"""Targets, output and loss side by side, made once for all the rules about how they fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.doctor.probes import ProbeError
from headstart.doctor.views.targets import Target, target_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case


def measure(case: Case) -> Target:
    """The view, or a `ProbeError` where the model has several outputs or a training of its own."""
    found = target_of(case)
    if found is None:
        raise ProbeError("there are several outputs, a loss of the user's own, or targets of another shape")
    return found
