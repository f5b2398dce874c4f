"""Keeps OpenVINO from phoning home.

`import openvino` imports its conversion tools, and those send a usage event (and leave a client id in
the user's home) where the package `openvino_telemetry` can be imported. Without that package they fall
back to a stub of their own. So it is made unimportable before OpenVINO is first imported; conversion
and everything else keep working.
"""

from __future__ import annotations

import sys

_PACKAGE = "openvino_telemetry"


def silence() -> None:
    """Makes `openvino_telemetry` unimportable in this process, unless it was imported already."""
    if _PACKAGE not in sys.modules:
        # None is Python's own mark for "do not look for this module"; mypy's stubs do not know it.
        sys.modules[_PACKAGE] = None  # type: ignore[assignment]
