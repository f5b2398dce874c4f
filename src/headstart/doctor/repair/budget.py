"""The child process of a proof: runs a script with every `fit` capped, and writes down how it ended."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def main(job_text: str) -> None:
    """Does one job, given as JSON."""
    from headstart.core.atomic import write_text
    from headstart.doctor.capture.patches import install_all
    from headstart.doctor.capture.places import UserFiles
    from headstart.doctor.capture.run import run
    from headstart.doctor.capture.source import read
    from headstart.doctor.capture.trace import Event, Trace

    job = json.loads(job_text)
    # Modules that stand beside the script are found from its copy too.
    sys.path.insert(1, str(Path(job["script"]).resolve().parent))
    units = read(job["run"])
    started: list[float] = []

    def cap(trace: Trace, event: Event) -> Mapping[str, Any] | None:  # noqa: ARG001
        started.append(time.perf_counter())
        changed: dict[str, Any] = {}
        if "epochs" in event.arguments:
            changed["epochs"] = min(int(event.arguments["epochs"]), job["epochs"])
        if job["steps"] and "steps_per_epoch" in event.arguments and not event.arguments["steps_per_epoch"]:
            changed["steps_per_epoch"] = job["steps"]
        return changed or None

    trace = Trace(UserFiles(job["run"]), cap, through=True)
    install_all()
    outcome = run(units, job["run"], job["args"], trace)
    end: dict[str, Any] = {"logs": {}, "first": {}, "epochs": 0, "seconds": 0.0, "error": ""}
    done = trace.of_kind("fit-end")
    if done and hasattr(done[-1].result, "history"):
        history = {k: v for k, v in done[-1].result.history.items() if v}
        end["logs"] = {k: float(v[-1]) for k, v in history.items()}
        end["first"] = {k: float(v[0]) for k, v in history.items()}
        end["epochs"] = max((len(v) for v in history.values()), default=0)
        end["seconds"] = time.perf_counter() - started[-1]
    removed = [e for e in trace.events if e.kind in ("removed-argument", "removed-method")]
    if removed:
        end["error"] = "as written it stops with an error at " + ", ".join(sorted({e.name for e in removed}))
    if outcome.crash is not None and not end["logs"]:
        end["error"] = f"{outcome.crash.kind}: {outcome.crash.message.splitlines()[0]}"
    write_text(Path(job["result"]), json.dumps(end))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
