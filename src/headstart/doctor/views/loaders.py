"""Finds the folder loader behind the training data, and how it hands out labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.doctor.capture.trace import Event

if TYPE_CHECKING:
    from headstart.doctor.case import Case

DATASETS = ("image_dataset_from_directory", "text_dataset_from_directory", "audio_dataset_from_directory")
FLOWS = ("DirectoryIterator", "DataFrameIterator")


@dataclass(frozen=True)
class Loader:
    """A loader that makes labels out of folder names or a column of names.

    Attributes:
        event: The call that made it.
        argument: Its argument for the kind of labels: "label_mode" or "class_mode".
        mode: What that is: "int", "binary", "sparse", "categorical".
        names: The classes that it found.
    """

    event: Event
    argument: str
    mode: str
    names: tuple[str, ...]

    def mode_of_column(self) -> str:
        """The mode that gives class ids for any number of classes."""
        return "int" if self.argument == "label_mode" else "sparse"


def loader_of(case: Case) -> Loader | None:
    """The loader that the training data comes from, through any `tf.data` steps; None if there is none."""
    source = case.train.source if case.train is not None else None
    event = case.trace.event_of(source)
    for _ in range(64):
        if event is None or event.name in DATASETS + FLOWS:
            break
        event = case.trace.event_of(event.subject)
    return _loader(event) if event is not None else None


def loaders_alike(case: Case, loader: Loader) -> list[Loader]:
    """That loader and the others of the script that hand out labels the same way: validation, test."""
    found = [loader]
    for event in case.trace.events:
        other = _loader(event) if event.name in DATASETS + FLOWS else None
        if other is None or (other.mode, other.names) != (loader.mode, loader.names):
            continue
        if event.place is not None and all(event.place != one.event.place for one in found):
            found.append(other)
    return found


def _loader(event: Event) -> Loader | None:
    if event.name in DATASETS:
        argument = "label_mode"
    elif event.name in FLOWS:
        argument = "class_mode"
    else:
        return None
    mode = event.arguments.get(argument)
    if not isinstance(mode, str):
        return None
    return Loader(event, argument, mode, _names(event.result))


def _names(made: Any) -> tuple[str, ...]:
    if isinstance(made, tuple | list) and made:
        made = made[0]
    names = getattr(made, "class_names", None)
    if names is None:
        names = getattr(made, "class_indices", None)
    return tuple(str(name) for name in names) if names is not None else ()
