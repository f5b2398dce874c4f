"""What a linear classifier gets from a backbone's features, under the user's scaling and under its own.

Small pictures through the convolutional part only, so that enough of them can be sent to tell nine points
of accuracy apart. Chosen for time: about a fifth of the arithmetic of 224 pixels.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.numbers import Estimate, share
from headstart.doctor.capture.samples import take_rows, to_numpy
from headstart.doctor.case import class_ids
from headstart.doctor.pixel_faults import COMPARED, fault_of, flat
from headstart.doctor.pixels import in_style, to_raw
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.entries import Entry
from headstart.doctor.probes.reaching import reaching

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]

SIDE = 96
"""Pixels of a side."""
SECONDS = 2.5
"""About how long each of the two passes may take."""
MOST = 160
FOLDS = 4
CHUNK = 16
"""Pictures that are sent at once."""


@dataclass(frozen=True)
class Comparison:
    """One backbone's features under two scalings of the same pictures.

    Attributes:
        entry: The backbone and what reaches it.
        n: Pictures.
        likeness: Rank correlation of the distances between pictures under one and under the other: 1 where
            the features see the same, 0 where they have nothing in common.
        given, own: Cross-validated accuracy of a linear classifier, where labels are classes.
    """

    entry: Entry
    n: int
    likeness: float
    given: Estimate | None
    own: Estimate | None

    @property
    def gap(self) -> float:
        """Accuracy that the backbone's own scaling gains."""
        return 0.0 if self.given is None or self.own is None else self.own.value - self.given.value


def measure(case: Case) -> tuple[Comparison, ...]:
    """Compares for each backbone that has trained weights and gets another style than it wants."""
    wrong = [e for e in case.probes.entries if e.trained and fault_of(e) in COMPARED and not flat(e)]
    return tuple(_compare(case, entry) for entry in wrong)


def _compare(case: Case, entry: Entry) -> Comparison:
    pixels, y = _pictures(case, entry)
    raw = to_raw(pixels, entry.given)
    if raw is None:
        raise ProbeError("the user's scaling cannot be undone")
    trunk = _trunk(entry.backbone.model)
    small = _shrunk(raw)
    given = (
        in_style(small, "raw" if entry.given == "raw" else entry.given)
        if entry.given != "tiny"
        else small / 65025
    )
    wanted = in_style(small, entry.wanted)
    features, own = [], []
    started = time.perf_counter()
    # In turns, so that whenever the time is over both have seen the same pictures.
    for start in range(0, len(small), CHUNK):
        features.append(trunk(given[start : start + CHUNK]))
        own.append(trunk(wanted[start : start + CHUNK]))
        if time.perf_counter() - started > 2 * SECONDS:
            break
    n = sum(map(len, features))
    ids = class_ids(y)
    ids = ids[:n] if ids is not None else None
    first, second = np.concatenate(features), np.concatenate(own)
    return Comparison(
        entry, n, _likeness(first, second), linear_accuracy(first, ids), linear_accuracy(second, ids)
    )


def _pictures(case: Case, entry: Entry) -> tuple[Array, Any]:
    """Pictures as they reach the backbone; more than the flow's where the layers before it are cheap."""
    assert case.train is not None
    if entry.pixels is None:
        raise ProbeError("the pictures were too large to keep")
    if entry.extracted is not None:
        return entry.pixels, None
    index = case.rows(MOST)
    if len(index) <= len(entry.pixels):
        order = np.arange(len(entry.pixels))
        return entry.pixels[order], case.probes.flow.y
    sent = take_rows(case.train.x, index)
    return reaching(case, entry.backbone, sent), take_rows(case.train.y, index)


def _trunk(net: Any) -> Any:
    """The convolutional part of a net and a mean over places, for pictures of any size."""
    import keras

    maps = [t for layer in net.layers if (t := getattr(layer, "output", None)) is not None and _is_map(t)]
    if not maps:
        raise ProbeError("the backbone gives no map")
    function = keras.Function(net.inputs, maps[-1])

    def run(pixels: Array) -> Array:
        # One shape for all: some backends compile anew for each.
        filled = np.zeros((CHUNK, *pixels.shape[1:]), dtype=np.float32)
        filled[: len(pixels)] = pixels
        x = keras.ops.convert_to_tensor(filled)
        # Past `call`, which insists on the size that the net was built for.
        out = function._run_through_graph(x, operation_fn=lambda op: _inference(op))
        maps = np.asarray(to_numpy(out[0] if isinstance(out, list | tuple) else out))
        return np.asarray(maps[: len(pixels)].mean(axis=(1, 2)))

    return run


def _inference(operation: Any) -> Any:
    if getattr(operation, "_call_has_training_arg", False):
        return lambda *args, **kwargs: operation(*args, **{**kwargs, "training": False})
    return operation


def _is_map(tensor: Any) -> bool:
    return hasattr(tensor, "shape") and len(tensor.shape) == 4 and type(tensor).__name__ == "KerasTensor"


def _shrunk(raw: Array) -> Array:
    import keras

    if max(raw.shape[1:3]) <= SIDE:
        return raw
    return np.asarray(to_numpy(keras.ops.image.resize(raw, (SIDE, SIDE), antialias=True)))


def _likeness(first: Array, second: Array) -> float:
    from scipy.spatial.distance import pdist
    from scipy.stats import spearmanr

    distances = [pdist(_unit(f)) for f in (first, second)]
    if min(d.std() for d in distances) < 1e-9:
        return 0.0
    return float(spearmanr(*distances).statistic)


def _unit(features: Array) -> Array:
    centred = features - features.mean(axis=0)
    return np.asarray(centred / (features.std() + 1e-9))


def linear_accuracy(features: Array, ids: Array | None) -> Estimate | None:
    """Cross-validated accuracy of logistic regression on standardised features, with its interval."""
    if ids is None or len(ids) != len(features):
        return None
    classes, counts = np.unique(ids, return_counts=True)
    if len(classes) < 2 or counts.min() < FOLDS:
        return None
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=300))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = cross_val_predict(model, features.reshape(len(features), -1), ids, cv=folds)
    return share(int((answers == ids).sum()), len(ids))


__all__ = ["Comparison", "linear_accuracy", "measure"]
