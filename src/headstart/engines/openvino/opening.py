"""From a Keras model to a running OpenVINO engine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from headstart.core import outcomes
from headstart.engines.openvino import check, processor
from headstart.engines.openvino.channels_first import VERSION, rewrite, transposes
from headstart.engines.openvino.compiling import compile_graph
from headstart.engines.openvino.engine import OpenVinoEngine
from headstart.engines.openvino.export import export_graph
from headstart.engines.openvino.graph import fingerprint, take_bytes
from headstart.engines.protocol import Precision

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Prepared:
    """A graph that is ready to be compiled.

    Attributes:
        graph: Takes one uint8 picture; rewritten to channels-first order where that holds.
        about: What outcomes of trials with it depend on: the exported graph, OpenVINO, the processor.
        notes: What the user should know.
        exact: An engine in f32 on `graph`, where the check made one.
    """

    graph: ov.Model
    about: dict[str, object]
    notes: tuple[str, ...] = ()
    exact: OpenVinoEngine | None = None

    def open(self, precision: Precision) -> OpenVinoEngine:
        """An engine in this precision."""
        if precision == "f32" and self.exact is not None:
            return self.exact
        return compile_graph(self.graph, precision, self.notes)


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
    about: dict[str, object] = {
        "graph": fingerprint(exported),
        "openvino": ov.get_version(),
        "pass": VERSION,
        "processor": processor.name(),
        "threads": processor.threads(),
    }
    if not channels_first:
        return Prepared(exported, about)
    rewritten = rewrite(exported)
    if transposes(rewritten) >= transposes(exported):
        return Prepared(exported, about)
    exact: OpenVinoEngine | None = None
    outcome = _recalled(cache, about)
    if outcome is None:
        pictures = sample if sample is not None and len(sample) else check.drawn(exported.inputs[0].shape[1:])
        exact = compile_graph(rewritten, "f32")
        untouched = compile_graph(exported, "f32")
        outcome = check.compare(untouched, exact, pictures)
        untouched.close()
        _keep(cache, about, outcome)
    if outcome.passed:
        return Prepared(rewritten, about, exact=exact)
    return Prepared(exported, about, (outcome.note(),))


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
