"""What a linear classifier gets from a backbone's class scores, against the features that they are made from.

Small pictures through the convolutional part, as for `features`; the map is then stretched to the size that
the classifier was built for.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.numbers import Estimate
from headstart.doctor.capture.samples import take_rows, to_numpy
from headstart.doctor.case import class_ids
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.features import SIDE, in_chunks, linear_accuracy
from headstart.doctor.probes.reaching import reaching
from headstart.doctor.views.model import Backbone, activation_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]

MOST = 96
"""Pictures that are sent."""


@dataclass(frozen=True)
class Top:
    """One backbone that kept its classifier.

    Attributes:
        backbone: The net.
        n: Pictures.
        scores: Cross-validated accuracy of a linear classifier on the class scores.
        pooled: The same on the mean over places of the last map.
    """

    backbone: Backbone
    n: int
    scores: Estimate
    pooled: Estimate

    @property
    def gap(self) -> float:
        """Accuracy that the pooled features gain, as far as the number of pictures proves it."""
        p, q = self.scores.value, self.pooled.value
        error = float(np.sqrt((p * (1 - p) + q * (1 - q)) / max(1, self.n)))
        return max(0.0, q - p - error)


def measure(case: Case) -> tuple[Top, ...]:
    """Compares for each backbone with trained weights that ends in its own softmax."""
    trained = {id(e.backbone.model) for e in case.probes.entries if e.trained}
    kept = [
        b
        for b in case.backbones
        if id(b.model) in trained
        and b.event.arguments.get("include_top")
        and activation_of(b.model.layers[-1]) == "softmax"
    ]
    found = [_compare(case, backbone) for backbone in kept]
    return tuple(one for one in found if one is not None)


def _compare(case: Case, backbone: Backbone) -> Top | None:
    import keras

    last = _last_map(backbone.model)
    if case.train is None or last is None:
        return None
    ids, maps = _maps(case, backbone, last)
    if ids is None:
        return None
    tail = keras.Function(last, backbone.model.output)
    answers = in_chunks(tail, _resized(maps, tuple(int(n) for n in last.shape[1:3])))
    if not np.isfinite(answers).all() or not np.isfinite(maps).all():
        raise ProbeError("the net gives numbers that are not finite")
    scores, pooled = linear_accuracy(answers, ids), linear_accuracy(maps.mean(axis=(1, 2)), ids)
    return None if scores is None or pooled is None else Top(backbone, len(ids), scores, pooled)


def _maps(case: Case, backbone: Backbone, last: Any) -> tuple[Array | None, Array]:
    """Classes and last maps of small pictures: those of `features` where it has sent them already."""
    import keras

    with contextlib.suppress(ProbeError):
        for found in case.probes.features:
            if found.entry.backbone.model is backbone.model and found.tensor is last:
                return found.ids, found.maps
    assert case.train is not None
    index = case.rows(MOST)
    ids = class_ids(take_rows(case.train.y, index))
    if ids is None:
        return None, np.zeros((0, 1, 1, 1))
    pixels = reaching(case, backbone, take_rows(case.train.x, index))
    return ids, in_chunks(keras.Function(backbone.model.inputs, last), _small(pixels))


def _last_map(net: Any) -> Any:
    """The last tensor with places: pooling with kept axes leaves one place, which is none."""
    maps = [t for layer in net.layers if (t := getattr(layer, "output", None)) is not None and _places(t)]
    return maps[-1] if maps else None


def _places(tensor: Any) -> bool:
    shape: Any = getattr(tensor, "shape", ())
    return len(shape) == 4 and None not in shape[1:] and shape[1] * shape[2] > 1


def _small(pixels: Array) -> Array:
    return pixels if max(pixels.shape[1:3]) <= SIDE else _resized(pixels, (SIDE, SIDE))


def _resized(maps: Array, size: tuple[int, ...]) -> Array:
    import keras

    if maps.shape[1:3] == size:
        return maps
    shrinks = maps.shape[1] > size[0]
    return np.asarray(to_numpy(keras.ops.image.resize(maps, size, antialias=shrinks)))


__all__ = ["Top", "measure"]
