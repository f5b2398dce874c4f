"""What a linear classifier gets from a backbone's class scores, against the features that they are made from.

Small pictures through the convolutional part, as for `features`; the map is then stretched to the size that
the classifier was built for.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core.numbers import Estimate
from headstart.doctor.capture.samples import take_rows, to_numpy
from headstart.doctor.case import class_ids
from headstart.doctor.model_view import Backbone, activation_of
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.features import CHUNK, SIDE, linear_accuracy
from headstart.doctor.probes.reaching import reaching

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]

MOST = 96
"""Pictures that are sent."""
SECONDS = 2.0
"""About how long it may take."""


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

    if case.train is None:
        return None
    index = case.rows(MOST)
    ids = class_ids(take_rows(case.train.y, index))
    last = _last_map(backbone.model)
    if ids is None or last is None:
        return None
    trunk = keras.Function(backbone.model.inputs, last)
    tail = keras.Function(last, backbone.model.output)
    pixels = reaching(case, backbone, take_rows(case.train.x, index))
    scores, pooled = [], []
    started = time.perf_counter()
    for start in range(0, len(pixels), CHUNK):
        maps = _run(trunk, _small(pixels[start : start + CHUNK]))
        pooled.append(maps.mean(axis=(1, 2)))
        scores.append(_run(tail, _resized(maps, tuple(int(n) for n in last.shape[1:3]))))
        if time.perf_counter() - started > SECONDS:
            break
    n = sum(map(len, scores))
    pair = (
        linear_accuracy(np.concatenate(scores), ids[:n]),
        linear_accuracy(np.concatenate(pooled), ids[:n]),
    )
    if pair[0] is None or pair[1] is None:
        return None
    return Top(backbone, n, pair[0], pair[1])


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


def _run(function: Any, x: Array) -> Array:
    """Runs a part of a net on inputs of any size, past the check of its own."""
    import keras

    # One shape for all: some backends compile anew for each.
    filled = np.zeros((CHUNK, *x.shape[1:]), dtype=np.float32)
    filled[: len(x)] = x
    given = keras.ops.convert_to_tensor(filled)
    out = function._run_through_graph(given, operation_fn=lambda op: _inference(op))
    array = np.asarray(to_numpy(out[0] if isinstance(out, list | tuple) else out))
    if not np.isfinite(array).all():
        raise ProbeError("the net gives numbers that are not finite")
    return array[: len(x)]


def _inference(operation: Any) -> Any:
    if getattr(operation, "_call_has_training_arg", False):
        return lambda *args, **kwargs: operation(*args, **{**kwargs, "training": False})
    return operation


__all__ = ["Top", "measure"]
