"""What a linear classifier gets from a backbone's features, under the user's scaling and under its own.

Small pictures through the convolutional part only, so that enough of them can be sent to tell nine points
of accuracy apart. Chosen for time: about a fifth of the arithmetic of 224 pixels.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.numbers import Estimate, share
from headstart.doctor.capture.samples import take_rows, to_numpy
from headstart.doctor.case import class_ids
from headstart.doctor.pictures.faults import COMPARED, fault_of, flat
from headstart.doctor.pictures.styles import in_style, to_raw
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.entries import Entry
from headstart.doctor.probes.reaching import reaching

if TYPE_CHECKING:
    from collections.abc import Callable

    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]

SIDE = 96
"""Pixels of a side."""
PICTURES = ((1.2e9, 160), (2.4e9, 128))
"""How many pictures are sent through a net of up to so many multiplications for one."""
FEWEST = 96
"""How many through a larger one."""
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
        ids: The classes of the pictures, or None.
        tensor, maps: The net's last map, and what the user's scaling gives there.
    """

    entry: Entry
    n: int
    likeness: float
    given: Estimate | None
    own: Estimate | None
    ids: Array | None = field(default=None, repr=False, compare=False)
    tensor: Any = field(default=None, repr=False, compare=False)
    maps: Array | None = field(default=None, repr=False, compare=False)

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
    trunk, tensor = trunk_of(entry.backbone.model)
    small = _shrunk(raw)
    given = (
        in_style(small, "raw" if entry.given == "raw" else entry.given)
        if entry.given != "tiny"
        else small / 65025
    )
    wanted = in_style(small, entry.wanted)
    maps = trunk(given)
    ids = class_ids(y)
    first, second = maps.mean(axis=(1, 2)), trunk(wanted).mean(axis=(1, 2))
    return Comparison(
        entry,
        len(small),
        _likeness(first, second),
        linear_accuracy(first, ids),
        linear_accuracy(second, ids),
        ids,
        tensor,
        maps,
    )


def _pictures(case: Case, entry: Entry) -> tuple[Array, Any]:
    """Pictures as they reach the backbone; more than the flow's where the layers before it are cheap."""
    assert case.train is not None
    if entry.pixels is None:
        raise ProbeError("the pictures were too large to keep")
    if entry.extracted is not None:
        return entry.pixels, None
    index = case.rows(pictures_for(case, entry.backbone.model))
    if len(index) <= len(entry.pixels):
        order = np.arange(len(entry.pixels))
        return entry.pixels[order], case.probes.flow.y
    sent = take_rows(case.train.x, index)
    return reaching(case, entry.backbone, sent), take_rows(case.train.y, index)


def pictures_for(case: Case, net: Any) -> int:
    """How many pictures the work of a net allows: counted, not timed, so that each look sends the same."""
    work = 0.0
    for layer in net.layers:
        done = case.probes.flow.of(layer)
        kernels = [int(np.prod(v.shape)) for v in layer.variables if len(v.shape) >= 4]
        if done is not None and done.left is not None and len(done.left.shape) == 4:
            work += sum(kernels) * done.left.shape[1] * done.left.shape[2]
    first = case.probes.flow.entry(net)
    area = np.prod(first.entered.shape[1:3]) if first is not None and first.entered is not None else SIDE**2
    shrunk = min(1.0, SIDE**2 / float(area))
    return next((n for most, n in PICTURES if work * shrunk <= most), FEWEST)


def trunk_of(net: Any) -> tuple[Callable[[Array], Array], Any]:
    """The convolutional part of a net as a function of pictures of any size, and the map that it ends in."""
    import keras

    maps = [t for layer in net.layers if (t := getattr(layer, "output", None)) is not None and _is_map(t)]
    if not maps:
        raise ProbeError("the backbone gives no map")
    function = keras.Function(net.inputs, maps[-1])
    return (lambda pixels: in_chunks(function, pixels)), maps[-1]


def in_chunks(function: Any, x: Array) -> Array:
    """Runs a part of a net on inputs of any size, past the check of its own."""
    import keras

    done = []
    for start in range(0, len(x), CHUNK):
        part = x[start : start + CHUNK]
        # One shape for all: some backends compile anew for each.
        filled = np.zeros((CHUNK, *x.shape[1:]), dtype=np.float32)
        filled[: len(part)] = part
        given = keras.ops.convert_to_tensor(filled)
        # Past `call`, which insists on the size that the net was built for.
        out = function._run_through_graph(given, operation_fn=_inference)
        done.append(np.asarray(to_numpy(out[0] if isinstance(out, list | tuple) else out))[: len(part)])
    return np.concatenate(done)


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

    flat = features.reshape(len(features), -1).astype(np.float64)
    flat = flat - flat.mean(axis=0)
    spread = flat.std(axis=0)
    flat = flat / np.where(spread > 1e-12, spread, 1.0)
    if flat.shape[1] > len(flat):
        # The same points in as many columns as there are points: the classifier cannot tell, and is quick.
        left, sizes, _ = np.linalg.svd(flat, full_matrices=False)
        flat = left * sizes
    model = LogisticRegression(C=0.1, max_iter=300)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = cross_val_predict(model, flat, ids, cv=folds)
    return share(int((answers == ids).sum()), len(ids))


__all__ = ["Comparison", "in_chunks", "linear_accuracy", "measure", "trunk_of"]
