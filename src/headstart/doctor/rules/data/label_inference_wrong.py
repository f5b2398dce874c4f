"""A folder loader takes folders for classes that are none.

What it is
    Loaders make a class of every folder below the one they are given. One level too high, the folders are
    `train` and `test`; next to the classes, tools leave folders such as `.ipynb_checkpoints`.

Why it hurts
    The labels say something else than the pictures show, or every class id is one too high.

Wrong
    train = keras.utils.image_dataset_from_directory("data")  # data/train, data/test

Right
    train = keras.utils.image_dataset_from_directory("data/train")

How it was measured
    The class names of the live loader, and how many files it found for each.

When it is wrong
    Folders named by classes in any order are right as long as the same list is used later.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.loaders import FLOWS, Loader, loader_of

NAME = "label-inference-wrong"
GROUP = "data"
FIXES = True

EXPLAINS = ("label-out-of-range", "units-not-classes", "one-class-only", "class-mode-mismatch", "empty-class")
SPLITS = frozenset(
    [
        "train",
        "training",
        "test",
        "testing",
        "tests",
        "val",
        "valid",
        "validation",
        "dev",
        "eval",
        "evaluation",
    ]
)
STRAY = frozenset(
    [
        ".ipynb_checkpoints",
        "__macosx",
        "__pycache__",
        ".git",
        ".svn",
        ".idea",
        ".vscode",
        "@eadir",
        ".thumbnails",
    ]
)


def check(case: Case) -> Iterable[Finding]:
    """Reads the names of the classes."""
    loader = loader_of(case)
    if loader is None or len(loader.names) < 2:
        return
    small = [name.lower() for name in loader.names]
    listed = ", ".join(loader.names[:8])
    if set(small) <= SPLITS:
        yield Finding(
            NAME,
            "error",
            loader.event.place,
            "the loader takes the parts of the data for classes: its folder is one level too high",
            {"classes found": listed},
            EXPLAINS,
            cost=1.0,
        )
        return
    stray = [name for name in loader.names if name.lower() in STRAY]
    if stray:
        yield Finding(
            NAME,
            "error",
            loader.event.place,
            f"the folder {stray[0]} is taken for a class",
            {"classes found": listed},
            EXPLAINS,
            _edit(loader, stray),
            cost=0.3,
        )


def _edit(loader: Loader, stray: list[str]) -> Edit | None:
    place = loader.event.place
    if place is None:
        return None
    argument = "classes" if loader.event.name in FLOWS else "class_names"
    kept = repr([name for name in loader.names if name not in stray])
    return Edit("Name the classes", (edits.set_argument(place, argument, kept),), safe=False)
