"""The child process of an examination: runs the script, writes the diagnosis to a file, ends at once."""

from __future__ import annotations

import atexit
import json
import os
import sys
import threading
import time
from pathlib import Path

SEED = 0
GRACE = 3.0
"""Seconds for what the script registered to run at exit, before the process ends without it."""


def main(job_text: str) -> None:
    """Does one job, given as JSON."""
    from headstart.core.atomic import write_text
    from headstart.doctor.capture.session import Options, Session
    from headstart.doctor.records import Diagnosis
    from headstart.doctor.reporters.json import as_dict

    job = json.loads(job_text)
    result = Path(job["result"])
    process = os.getpid()

    def write(diagnosis: Diagnosis) -> None:
        # A script that forks must not let its children answer for it.
        if os.getpid() == process:
            write_text(result, json.dumps(as_dict(diagnosis)))

    def first(diagnosis: Diagnosis) -> None:
        write(diagnosis)
        _end_soon()

    session = Session(
        job["script"],
        job["args"],
        Options(job["through"], tuple(job["select"]), tuple(job["ignore"])),
        first,
    )
    # Python puts the folder of `-m` first; the script must find its own there.
    sys.path[:] = [path for path in sys.path if path not in ("", str(Path.cwd()))]
    _seed()
    diagnosis = session.examine()
    if os.getpid() != process:
        os._exit(0)
    if diagnosis.ending != "fit" or not result.exists():
        write(diagnosis)
    _end_soon()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads that the script left running must not hold the answer up.
    os._exit(0)


def _seed() -> None:
    """Gives a script that sets no seed the same one each time, so that two looks at it say the same.

    Keras draws the seeds of layers and initializers from Python's generator; a script's own seeds come later
    and win.
    """
    import random

    import numpy as np

    random.seed(SEED)
    np.random.seed(SEED)  # noqa: NPY002 - the global generator is what scripts draw from


def _end_soon() -> None:
    def end() -> None:
        time.sleep(GRACE)
        os._exit(0)

    threading.Thread(target=end, daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1])
