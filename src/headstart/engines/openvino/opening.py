"""From a Keras model to a running OpenVINO engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from headstart.core import outcomes
from headstart.engines.openvino import check, processor
from headstart.engines.openvino.channels_first import VERSION, rewrite, transposes
from headstart.engines.openvino.compiling import compile_graph, compile_tensors
from headstart.engines.openvino.engine import OpenVinoEngine
from headstart.engines.openvino.export import export_graph
from headstart.engines.openvino.graph import fingerprint, take_bytes, take_one
from headstart.engines.openvino.tensors import OpenVinoTensors
from headstart.engines.protocol import Arrays, Precision

if TYPE_CHECKING:
    import keras


E = TypeVar("E", OpenVinoEngine, OpenVinoTensors)


@dataclass(frozen=True)
class Ready(Generic[E]):
    """A graph that is ready to be compiled.

    Attributes:
        graph: Takes one sample; rewritten to channels-first order where that holds.
        about: What outcomes of trials with it depend on: the exported graph, OpenVINO, the processor.
        make: Compiles it.
        notes: What the user should know.
        exact: An engine in f32 on `graph`, where the check made one.
    """

    graph: ov.Model
    about: dict[str, object]
    make: Callable[[ov.Model, Precision, tuple[str, ...]], E]
    notes: tuple[str, ...] = ()
    exact: E | None = None

    def open(self, precision: Precision) -> E:
        """An engine in this precision."""
        if precision == "f32" and self.exact is not None:
            return self.exact
        return self.make(self.graph, precision, self.notes)


Prepared = Ready[OpenVinoEngine]
"""Ready for pictures."""


def open_openvino(
    model: keras.Model,
    *,
    precision: Precision,
    channels_first: bool = True,
    sample: NDArray[np.uint8] | None = None,
    cache: Path | None = None,
) -> OpenVinoEngine:
    """Makes an OpenVINO engine of a Keras model.

    Args:
        model: From raw RGB, float (batch, height, width, 3) in 0..255 with fixed height and width, to
            features (batch, width).
        precision: What to compute in; never left to OpenVINO, whose choice depends on the machine.
        channels_first: Whether to rewrite the graph to channels-first order, which is faster. The rewritten
            graph is used where it agrees with the exported one on pictures, and is no slower.
        sample: A few pictures, uint8 (k, height, width, 3), for that check; two are drawn where None.
        cache: Folder in which the outcome of that check is kept for the next time; None keeps nothing.

    Raises:
        EngineError: If the model cannot be exported, or is not of that kind.
    """
    return prepare(model, channels_first=channels_first, sample=sample, cache=cache).open(precision)


def prepare(
    model: keras.Model,
    *,
    channels_first: bool = True,
    sample: NDArray[np.uint8] | None = None,
    cache: Path | None = None,
) -> Prepared:
    """Exports a model, rewrites its graph and checks that; see `open_openvino`."""
    exported = take_bytes(export_graph(model))

    def compare(untouched: OpenVinoEngine, rewritten: OpenVinoEngine) -> check.Check:
        pictures = sample if sample is not None and len(sample) else check.drawn(exported.inputs[0].shape[1:])
        return check.compare(untouched, rewritten, pictures)

    return _rewritten(exported, compile_graph, compare, channels_first, cache)


def prepare_tensors(
    exported: ov.Model, names: Sequence[str], sample: Arrays, *, cache: Path | None = None
) -> Ready[OpenVinoTensors]:
    """Makes a graph of any inputs and outputs ready, in channels-first order where that holds.

    Args:
        exported: As Keras exports it.
        names: Its inputs by name, in the order in which they are to be given.
        sample: A few samples for the check, one array for each input, (k, ...).
        cache: Folder in which the outcome of the check is kept; None keeps nothing.

    Raises:
        EngineError: If a size of an input or of an output stays open.
    """
    some = [array[: check.PICTURES] for array in sample]

    def compare(untouched: OpenVinoTensors, rewritten: OpenVinoTensors) -> check.Check:
        return check.compare_answers(lambda: untouched.compute(some), lambda: rewritten.compute(some))

    return _rewritten(take_one(exported, names), compile_tensors, compare, True, cache)


def _rewritten(
    exported: ov.Model,
    make: Callable[[ov.Model, Precision, tuple[str, ...]], E],
    compare: Callable[[E, E], check.Check],
    channels_first: bool,
    cache: Path | None,
) -> Ready[E]:
    """Rewrites a graph, and takes that where the check passes."""
    about: dict[str, object] = {
        "graph": fingerprint(exported),
        "openvino": ov.get_version(),
        "pass": VERSION,
        "processor": processor.name(),
        "threads": processor.threads(),
    }
    if not channels_first:
        return Ready(exported, about, make)
    rewritten = rewrite(exported)
    if transposes(rewritten) >= transposes(exported):
        return Ready(exported, about, make)
    exact: E | None = None
    outcome = _recalled(cache, about)
    if outcome is None:
        exact = make(rewritten, "f32", ())
        untouched = make(exported, "f32", ())
        outcome = compare(untouched, exact)
        untouched.close()
        _keep(cache, about, outcome)
    if outcome.passed:
        return Ready(rewritten, about, make, exact=exact)
    return Ready(exported, about, make, (outcome.note(),))


def _recalled(cache: Path | None, about: dict[str, object]) -> check.Check | None:
    kept = outcomes.recall(cache, "channels-first", about)
    if kept is None:
        return None
    difference, ratio = kept.get("difference"), kept.get("speed_ratio")
    if isinstance(difference, float) and isinstance(ratio, float):
        return check.Check(difference, ratio)
    return None


def _keep(cache: Path | None, about: dict[str, object], outcome: check.Check) -> None:
    # JSON has no infinity; a graph whose features are no numbers is tried again.
    if math.isfinite(outcome.difference):
        kept: dict[str, object] = {"difference": outcome.difference, "speed_ratio": outcome.speed_ratio}
        outcomes.keep(cache, "channels-first", about, kept)
