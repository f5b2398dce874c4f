"""Every error that headstart raises on purpose, as one tree.

    HeadstartError
    ├── PicturesError    the pictures, their layout, a manifest, the split
    ├── BackboneError    an unknown backbone, a size that it cannot take
    │   └── WeightsError     weights that are missing, damaged or do not fit
    ├── EngineError      an engine that is missing or disagrees with Keras
    ├── StoreError       the feature store: no space, no permission, damaged
    ├── HeadError        a head that cannot be trained on what is there
    ├── RunError         a run folder: exists, is none, is newer, was changed
    ├── SettingsError    an option or a configuration file
    └── InputError       what was handed to the scikit-learn estimator; a ValueError as well

A message is one sentence in three parts: what is allowed, what was received, what to do.
The command line prints it and exits with status 2; no traceback is shown.
"""

from __future__ import annotations


class HeadstartError(Exception):
    """A mistake in what headstart was given, told in three parts.

    Args:
        allowed: What would have been right, as a clause that starts with a capital letter.
        received: What came instead, with its name and value.
        todo: What the user can do now, as an imperative.
    """

    def __init__(self, allowed: str, received: str, todo: str) -> None:
        self.allowed = allowed.rstrip(".")
        self.received = received.rstrip(".")
        self.todo = todo.rstrip(".")
        super().__init__(f"{self.allowed}; received {self.received}; {self.todo}.")

    def __reduce__(self) -> tuple[type[HeadstartError], tuple[str, str, str]]:
        """Keeps the three parts when the error crosses a process border."""
        return type(self), (self.allowed, self.received, self.todo)


class PicturesError(HeadstartError):
    """The pictures, their layout, a manifest or the split cannot be used."""


class BackboneError(HeadstartError):
    """A backbone that does not exist, or that cannot be used as asked."""


class WeightsError(BackboneError):
    """Weights that are missing, damaged or do not fit."""


class EngineError(HeadstartError):
    """An engine that is missing, cannot run the trunk, or disagrees with Keras."""


class StoreError(HeadstartError):
    """The feature store cannot be read or written."""


class HeadError(HeadstartError):
    """A head cannot be trained on what is there."""


class RunError(HeadstartError):
    """A run folder exists already, is none, is newer, or was changed."""


class SettingsError(HeadstartError):
    """An option or a configuration file that cannot be used."""


class InputError(HeadstartError, ValueError):
    """What was handed to the scikit-learn estimator has the wrong form; scikit-learn expects a ValueError."""
