"""A class of the folder loader has no files.

What it is
    The folder is there, so the class gets an id and an output unit, but it holds no picture that the
    loader reads: all were moved, or their suffix is not known.

Why it hurts
    The unit is never trained, and the ids of the classes after it are one higher than expected.

Wrong
    data/train/bird/  (empty)

Right
    Fill the folder or remove it.

How it was measured
    The files of the live loader, counted by class.

When it is wrong
    Where the script lists the classes itself, an empty one may be wanted, because other data share the
    same labels: that is information only.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from headstart.doctor.case import Case
from headstart.doctor.probes.twins import files_of
from headstart.doctor.records import Finding
from headstart.doctor.rules.data.label_inference_wrong import SPLITS, STRAY
from headstart.doctor.views.loaders import loader_of

NAME = "empty-class"
GROUP = "data"
FIXES = False


def check(case: Case) -> Iterable[Finding]:
    """Counts files by class."""
    loader = loader_of(case)
    if loader is None or case.train is None or len(loader.names) < 2 or case.train.kind == "unknown":
        return
    if loader.event.arguments.get("labels", "inferred") != "inferred":
        return
    files = files_of(case, case.train.source)
    folder = loader.event.arguments.get("directory")
    if not files or not isinstance(folder, str | Path):
        return
    base = Path(folder)
    counts = dict.fromkeys(loader.names, 0)
    for path in files:
        try:
            name = Path(path).relative_to(base).parts[0]
        except (ValueError, IndexError):
            return
        if name not in counts:
            return
        counts[name] += 1
    names = {name.lower() for name in counts}
    empty = [name for name, count in counts.items() if count == 0 and name.lower() not in STRAY]
    # A validation split may leave a class of very few files without any.
    if not empty or names <= SPLITS or any(_holds(base / name, files) for name in empty):
        return
    given = {"class_names", "classes"} & loader.event.given
    yield Finding(
        NAME,
        "info" if given else "warning",
        loader.event.place,
        f"the class {empty[0]} has no files, so its output is never trained",
        {"files by class": ", ".join(f"{name}: {count}" for name, count in list(counts.items())[:8])},
        ("units-not-classes",),
        cost=0.05,
    )


def _holds(folder: Path, files: list[str]) -> bool:
    """Whether a folder holds files of the kinds that the loader read elsewhere."""
    kinds = {Path(path).suffix.lower() for path in files}
    return folder.is_dir() and any(path.suffix.lower() in kinds for path in folder.rglob("*"))
