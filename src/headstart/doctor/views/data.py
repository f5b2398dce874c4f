"""What rules about data ask again and again: classification or not, a series or not, the labels' line."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.case import class_ids
from headstart.doctor.lines import values as data_lines
from headstart.doctor.views.data_steps import steps
from headstart.doctor.views.loaders import loader_of
from headstart.doctor.views.model import activation_of, last_layer
from headstart.doctor.views.targets import plain_training

if TYPE_CHECKING:
    from headstart.doctor.case import Case
    from headstart.doctor.records import Place

Array = np.ndarray[Any, Any]


def classifies(case: Case) -> bool:
    """Whether the model is trained to tell classes: by its loss, its labels or what it ends in."""
    if case.train is None or case.model is None or case.fit is None or case.fit.kind != "fit":
        return False
    if case.labels is None and class_ids(case.train.y) is None:
        return False
    if case.loss is not None and case.loss.crossentropy:
        return plain_training(case.model)
    shape: tuple[int, ...] = getattr(case.train.y, "shape", ())
    if len(shape) == 2 and shape[1] > 1:
        return plain_training(case.model)
    layer = last_layer(case.model)
    ends = activation_of(layer) if layer is not None else None
    return ends in ("sigmoid", "softmax") and plain_training(case.model)


def is_series(case: Case) -> bool:
    """Whether the order of the rows means something: windows that overlap, a time index, a stateful net."""
    if any(getattr(layer, "stateful", False) is True for layer in case.layers):
        return True
    train = case.train
    if train is None or train.whole is None:
        return False
    x = train.whole[0]
    if "Datetime" in type(getattr(x, "index", None)).__name__:
        return True
    if not isinstance(x, np.ndarray) or x.ndim not in (2, 3) or x.shape[1] < 3 or len(x) < 8:
        return False
    at = np.linspace(0, len(x) - 2, 24).astype(int)
    wide = x.shape[1]
    for step in range(1, min(4, wide - 1)):
        moved = [np.array_equal(x[i, step:], x[i + 1, : wide - step]) and np.ptp(x[i]) > 0 for i in at]
        if np.mean(moved) > 0.7:
            return True
    return False


def labels_place(case: Case) -> Place | None:
    """The line on which the labels of the training data came about, as far as it can be told."""
    train, fit = case.train, case.fit
    if train is None or fit is None:
        return None
    if train.kind == "arrays":
        written = data_lines.fit_expression(case, "y")
        return data_lines.origin(case, data_lines.name_in(written), fit.place) or fit.place
    loader = loader_of(case)
    if loader is not None:
        return loader.event.place
    if train.kind == "tf.data":
        roots = [step for step in steps(case.trace, train.source) if step.name == "tensor_slice"]
        event = roots[0].event if len(roots) == 1 else None
        call = data_lines.call_at(case, event.place) if event is not None else None
        given = data_lines.argument(call, "tensors", 0)
        if event is not None and isinstance(given, ast.Tuple) and len(given.elts) >= 2:
            return data_lines.origin(case, data_lines.name_in(given.elts[1]), event.place) or event.place
        if event is not None:
            return event.place
    return made_at(case, train.source) or fit.place


def made_at(case: Case, source: Any) -> Place | None:
    """The line that made a data source: for a class of the user's, not the line inside its `__init__`."""
    event = case.trace.event_of(source)
    if event is None:
        return None
    outside = [place for place in event.places if not case.code(place).startswith(("super()", "super("))]
    return outside[0] if outside else event.place


def whole_labels(case: Case) -> Array | None:
    """All class ids of training given as arrays, else None."""
    if case.train is None or case.train.whole is None:
        return None
    try:
        return class_ids(to_numpy(case.train.whole[1]))
    except Exception:
        return None


def numpy_name(case: Case) -> str | None:
    """How the script names NumPy, or None where it does not import it."""
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name == "numpy":
                        return alias.asname or "numpy"
    return None
