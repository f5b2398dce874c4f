"""The command line: a file a command, each imported when it is called."""

from __future__ import annotations

import sys
from collections.abc import Sequence

OK, FELL_SHORT, MISTAKE, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses: well; an assertion or a finding; a mistake in what was given; Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and gives its exit status."""
    from headstart.cli.app import run

    return run(list(sys.argv[1:] if arguments is None else arguments))
