"""What a rule sees: the live model, its settings, a sample of its data, the record of the run, and probes."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from headstart.doctor.capture.peek import peek
from headstart.doctor.capture.samples import Sample, take_rows
from headstart.doctor.capture.source import Unit
from headstart.doctor.capture.trace import Event, Trace
from headstart.doctor.probes import ProbeError, Probes
from headstart.doctor.probes.untouched import untouched
from headstart.doctor.records import Crash, Place
from headstart.doctor.views.loss import Loss, loss_of
from headstart.doctor.views.model import Backbone, backbones_in, every_layer


@dataclass
class Case:
    """One look at a run: at a `fit`, or at the end of the script.

    Attributes:
        script: The script's path as given.
        units: Its text, one unit for a script and one a cell for a notebook.
        trace: Everything that was taken down until now.
        stage: "fit" when a training is about to begin; "end" when the script is over.
        fit: The event of this `fit`, or of the last one at the end; None where none was reached.
        model: The live model of that fit, or None.
        train: What was seen of the training data, or None.
        error: The exception that ended the script, or None; `crash` is its printable form.
        loaded_from: For a model given as a file, its path.
    """

    script: str
    units: Sequence[Unit]
    trace: Trace
    stage: Literal["fit", "end"]
    fit: Event | None = None
    model: Any = None
    train: Sample | None = None
    error: BaseException | None = None
    crash: Crash | None = None
    loaded_from: str | None = None
    built: bool = field(default=False, init=False)
    came_built: bool = field(default=True, init=False)

    @cached_property
    def probes(self) -> Probes:
        """Measurements by name, each made once: `case.probes.flow` runs `probes/flow.py`."""
        self.build()
        return Probes(self)

    def build(self) -> None:
        """Gives a model without an `Input` its weights, as `fit` would do next."""
        if self.model is None or self.built:
            return
        self.built = True
        if getattr(self.model, "built", True) and self.model.variables:
            return
        self.came_built = False
        if self.train is None or not self.train.batches:
            return
        with self.trace.paused(), untouched():
            try:
                self.model(take_rows(self.train.batches[0].x, slice(0, 2)), training=False)
            except Exception as error:
                self.trace.facts["build-error"] = error

    # ----- settings ------------------------------------------------------------------------------

    @property
    def backend(self) -> str:
        """The backend that Keras runs on."""
        import keras

        return str(keras.config.backend())

    @cached_property
    def versions(self) -> dict[str, str]:
        """Versions of what the run stands on."""
        names = {
            "keras": "keras",
            "numpy": "numpy",
            "tensorflow": "tensorflow",
            "jax": "jax",
            "torch": "torch",
        }
        found = {"python": sys.version.split()[0]}
        for name, module in names.items():
            if module in sys.modules:
                version = getattr(sys.modules[module], "__version__", None)
                found[name] = str(version or importlib.metadata.version(name))
        if "keras" in sys.modules:
            found["backend"] = self.backend
        return found

    @cached_property
    def compile(self) -> Event | None:
        """The last `compile` of this model before the fit."""
        found = [e for e in self.trace.of_kind("compile") if e.subject is self.model]
        return found[-1] if found else None

    @cached_property
    def loss(self) -> Loss | None:
        """The compiled loss: its name, its object, and whether it takes logits. None for several losses."""
        return loss_of(self.model) if self.model is not None else None

    @property
    def optimizer(self) -> Any:
        """The live optimizer, or None."""
        return getattr(self.model, "optimizer", None)

    @cached_property
    def rate(self) -> float | None:
        """The learning rate of the first step, or None."""
        try:
            import keras

            return float(keras.ops.convert_to_numpy(self.optimizer.learning_rate))
        except (AttributeError, TypeError, ValueError):
            return None

    def fit_argument(self, name: str, default: Any = None) -> Any:
        """An argument of this `fit`, its default included."""
        return default if self.fit is None else self.fit.arguments.get(name, default)

    @property
    def epochs(self) -> int:
        """Epochs that the fit was asked for."""
        value = self.fit_argument("epochs", 1)
        return int(value) if isinstance(value, int | float | np.integer) else 1

    # ----- data ----------------------------------------------------------------------------------

    @cached_property
    def validation(self) -> Sample | None:
        """What was seen of `validation_data`, or None; for `validation_split`, see `fit_argument`."""
        data = self.fit_argument("validation_data")
        if data is None:
            return None
        with self.trace.paused():
            if isinstance(data, tuple | list) and not hasattr(data, "shape"):
                x, y, weight = (*data, None, None)[:3]
                return peek(x, y, weight, batch_size=self.fit_argument("validation_batch_size"))[0]
            import types

            if isinstance(data, types.GeneratorType):
                return self.trace.facts.get("validation-sample")
            return peek(data, steps=self.fit_argument("validation_steps"))[0]

    @cached_property
    def labels(self) -> np.ndarray[Any, Any] | None:
        """Class ids of the sampled rows where y holds classes (ids, 0/1 or one-hot rows), else None."""
        y = self.train.y if self.train is not None else None
        return class_ids(y)

    def rows(self, most: int) -> np.ndarray[Any, Any]:
        """Indices of up to `most` sampled rows, the classes in turn where labels are classes."""
        if self.train is None or not self.train.batches:
            return np.arange(0)
        n = sum(batch.rows for batch in self.train.batches)
        ids = self.labels
        if ids is None or len(ids) != n:
            return np.arange(min(n, most))
        turns = np.empty(n)
        for value in np.unique(ids):
            where = np.flatnonzero(ids == value)
            turns[where] = np.arange(len(where))
        return np.sort(np.argsort(turns, kind="stable")[:most])

    # ----- objects and lines ---------------------------------------------------------------------

    @cached_property
    def layers(self) -> list[Any]:
        """Every layer of the model, those of nested models included."""
        return every_layer(self.model) if self.model is not None else []

    @cached_property
    def backbones(self) -> list[Backbone]:
        """The `keras.applications` nets that are part of this model, with how they were built."""
        return backbones_in(self.model, self.trace) if self.model is not None else []

    def place_of(self, made: Any) -> Place | None:
        """The line that made an object: a layer, a data set, an optimizer."""
        event = self.trace.event_of(made)
        return event.place if event is not None else None

    def unit(self, place: Place) -> Unit | None:
        """The text in which a place lies."""
        for unit in self.units:
            if place.file == self.script and unit.cell == place.cell:
                return unit
        return None

    def code(self, place: Place) -> str:
        """The text of a place."""
        unit = self.unit(place)
        if unit is None:
            return ""
        lines = unit.text.splitlines()[place.line - 1 : place.end_line]
        if not lines:
            return ""
        lines[-1] = lines[-1][: place.end_column - 1]
        lines[0] = lines[0][place.column - 1 :]
        return "\n".join(lines)


def class_ids(y: Any) -> np.ndarray[Any, Any] | None:
    """Labels as class ids: from whole numbers in one column, or from one-hot rows; else None."""
    if y is None or isinstance(y, dict | list | tuple):
        return None
    array = np.asarray(y)
    if array.dtype.kind not in "iufb" or array.size == 0:
        return None
    if array.ndim == 2 and array.shape[1] > 1:
        one_hot = np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all()
        return array.argmax(axis=1) if one_hot else None
    if array.ndim > 2 or (array.ndim == 2 and array.shape[1] != 1):
        return None
    flat = array.reshape(-1)
    if (
        not np.isfinite(flat.astype(float)).all()
        or (flat.astype(float) != np.round(flat.astype(float))).any()
    ):
        return None
    if len(np.unique(flat)) > max(2, min(1000, len(flat) // 2)):
        return None
    return flat.astype(int)


__all__ = ["Case", "ProbeError", "class_ids"]
