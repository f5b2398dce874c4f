"""Measurements on the live model and a small sample: one idea a file, measured once, shared by all rules.

A file here has a function `measure(case)` that returns a frozen dataclass. `case.probes.NAME` runs the
function of `probes/NAME.py` once, leaving model, optimizer, random state and data as they were.
"""

from __future__ import annotations

import importlib
import time
import warnings
from typing import TYPE_CHECKING, Any

from headstart.doctor.probes.untouched import untouched

if TYPE_CHECKING:
    from headstart.doctor.case import Case


class ProbeError(Exception):
    """A probe could not measure; the reason is its text. A rule that meets it stays silent."""


class Probes:
    """Runs probes by name when first asked, and keeps what they gave."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._kept: dict[str, Any] = {}
        self.seconds: dict[str, float] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._kept:
            self._kept[name] = self._measure(name)
        kept = self._kept[name]
        if isinstance(kept, ProbeError):
            raise kept
        return kept

    def _measure(self, name: str) -> Any:
        module = importlib.import_module(f"{__name__}.{name}")
        started = time.perf_counter()
        try:
            # Warnings that the probes cause would be read as the script's own.
            with untouched(self._case.model), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return module.measure(self._case)
        except ProbeError as failed:
            return failed
        except Exception as error:
            # Whatever the user's model raises is no reason to end the diagnosis.
            return ProbeError(f"{type(error).__name__}: {error}")
        finally:
            self.seconds[name] = time.perf_counter() - started
