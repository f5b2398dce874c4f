"""Saves the live model into a scratch folder and loads it, for each line of the script that will do so."""

from __future__ import annotations

import ast
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Place
from headstart.doctor.rest.places import place_of, text_of
from headstart.doctor.rest.values import Use, Val

if TYPE_CHECKING:
    from headstart.doctor.case import Case

LARGEST = 20_000_000
"""Weights of a model above which saving takes too long for a look."""


@dataclass(frozen=True)
class Load:
    """A line that loads what this model was saved to.

    Attributes:
        place: The call of `load_model`.
        saved: The call that saves, or the callback.
        error: What loading (or saving) raised, else None.
        saving: Whether it was raised by saving.
        gap: The largest difference of predictions before and after, as a share of their spread.
    """

    place: Place
    saved: Place | None
    error: str | None
    saving: bool
    gap: float


def measure(case: Case) -> tuple[Load, ...]:
    """One entry a line that loads this very model."""
    if case.model is None or case.model.count_params() > LARGEST:
        raise ProbeError("there is no model, or it is too large to be saved for a look")
    return tuple(_try(case, load, saved) for load, saved in _pairs(case))


def _pairs(case: Case) -> list[tuple[Use, tuple[str, Place | None]]]:
    """Calls of `load_model` with what they load, where that is this model."""
    rest = case.probes.rest
    saved: list[tuple[str, str, Place | None]] = []
    for use in rest.calls("save", "save_model"):
        model = use.base if use.name == "save" else use.argument(0, "model")
        path = use.argument(0 if use.name == "save" else 1, "filepath")
        if model is not None and model.live is case.model and path is not None:
            saved.append((*_path(use, path, use.name != "save"), place_of(case, use.unit, use.node)))
    given = case.fit_argument("callbacks") or []
    for callback in given if isinstance(given, list | tuple) else [given]:
        whole = type(callback).__name__ == "ModelCheckpoint" and not getattr(
            callback, "save_weights_only", True
        )
        if whole and "{" not in str(callback.filepath):
            saved.append((str(callback.filepath), "", case.place_of(callback)))
    found = []
    for use in rest.calls("load_model"):
        module = str(getattr(getattr(use.callee, "live", None), "__module__", ""))
        path = use.argument(0, "filepath")
        if not module.startswith("keras.") or path is None:
            continue
        known, text = _path(use, path, False)
        for other, written, place in saved:
            if (known and known == other) or (text and text == written):
                ending = Path(known or other).suffix or ".keras"
                found.append((use, (ending, place)))
                break
    return found


def _path(use: Use, path: Val, second: bool) -> tuple[str, str]:
    """The path where it is known, and the text that it is written as."""
    node = use.node
    text = ""
    if isinstance(node, ast.Call) and len(node.args) > int(second):
        text = text_of(use.unit, node.args[int(second)])
    try:
        return (str(os.fspath(path.live)) if path.known else "", text)
    except TypeError:
        return "", text


def _try(case: Case, use: Use, saved: tuple[str, Place | None]) -> Load:
    import keras

    ending, place = saved
    here = place_of(case, use.unit, use.node)
    named: dict[str, Any] = {}
    for name in ("custom_objects", "compile", "safe_mode"):
        value = use.argument({"custom_objects": 1, "compile": 2, "safe_mode": 3}[name], name)
        if value is None:
            continue
        if not value.known:
            raise ProbeError("what the script hands to load_model is not known")
        named[name] = value.live
    with tempfile.TemporaryDirectory(prefix="headstart-doctor-") as folder:
        path = Path(folder) / f"model{ending if ending in ('.keras', '.h5', '.hdf5') else '.keras'}"
        try:
            case.model.save(path)
        except Exception as error:
            return Load(here, place, f"{type(error).__name__}: {error}", True, 0.0)
        try:
            loaded = keras.saving.load_model(path, **named)
        except Exception as error:
            return Load(here, place, f"{type(error).__name__}: {error}", False, 0.0)
        return Load(here, place, None, False, _gap(case, loaded))


def _gap(case: Case, loaded: Any) -> float:
    flow = case.probes.flow
    before = flow.output
    if not isinstance(before, np.ndarray) or not np.isfinite(before).all():
        return 0.0
    after = to_numpy(loaded(flow.x, training=False))
    again = to_numpy(case.model(flow.x, training=False))
    if np.abs(again - before).max() > 1e-4 * max(1.0, np.abs(before).max()):
        # The model itself gives another answer each time.
        return 0.0
    if not isinstance(after, np.ndarray) or after.shape != before.shape:
        return 1.0
    spread = max(float(np.abs(before).max()), 1e-3)
    return float(np.abs(after - before).max()) / spread
