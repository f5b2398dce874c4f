"""What reaches a backbone for given rows, without running the backbone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.probes import ProbeError
from headstart.doctor.views.model import Backbone

if TYPE_CHECKING:
    from headstart.doctor.case import Case


class _Reached(BaseException):
    """Ends a pass at the backbone; Keras rewrites what is an `Exception`."""


def reaching(case: Case, backbone: Backbone, x: Any, training: bool = False) -> np.ndarray[Any, Any]:
    """Runs the model on x until the backbone is called, and gives what it is called with.

    Raises:
        ProbeError: If the backbone is not reached.
    """
    first = case.probes.flow.entry(backbone.model)
    targets = {id(backbone.model)} | ({id(first.layer)} if first is not None else set())
    return reached(case.model, targets, x, training)


def reached(model: Any, targets: set[int], x: Any, training: bool = False) -> np.ndarray[Any, Any]:
    """Runs a model on x until a layer with one of the ids is called, and gives what it is called with.

    Raises:
        ProbeError: If none is reached.
    """
    import keras

    layer_class = keras.layers.Layer
    original = layer_class.__call__
    arrived: list[Any] = []

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if id(self) in targets:
            arrived.append(args[0])
            raise _Reached
        return original(self, *args, **kwargs)

    layer_class.__call__ = call
    try:
        model(x, training=training)
    except _Reached:
        return np.asarray(to_numpy(arrived[0]))
    finally:
        layer_class.__call__ = original
    raise ProbeError("the backbone was not reached")
