"""Engines on the same samples: how fast they are, and how near to Keras in float32."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.engines.choice import LEAST_COSINE
from headstart.engines.cosines import cosines
from headstart.engines.openvino.check import difference
from headstart.engines.protocol import Arrays, TensorEngine

LARGEST_DIFFERENCE = 1e-3
"""Largest difference of a feature in f32, as a share of the largest one, that rounding explains: a deep
network that adds in another order differs by some 1e-5."""

GAIN = 1.1
"""How many times as fast as Keras another engine must be to be taken."""

CLOSE = 3.0
"""Speeds nearer to each other than that are taken a second time, and each engine's better one counts."""

SAMPLES = 8
FEW = 4
"""Samples that are compared; FEW where one of them costs more than HEAVY multiply-adds."""
HEAVY = 5_000_000_000
ON_GPU = 64
SECONDS = 0.4
"""How long an engine is timed at least."""


@dataclass(frozen=True)
class Tried:
    """One engine in the trial.

    Attributes:
        engine: 'openvino' or 'keras'.
        precision: The number format that it computes in.
        rate: Samples a second.
        least_cosine: Least cosine between the features of a sample and those of Keras, over all outputs.
        largest_difference: Largest difference of a feature, as a share of the largest one.
    """

    engine: str
    precision: str
    rate: float
    least_cosine: float = 1.0
    largest_difference: float = 0.0

    @property
    def agrees(self) -> bool:
        """Whether it may take Keras's place: bf16 by the cosine alone, f32 within rounding too."""
        if not self.least_cosine >= LEAST_COSINE:
            return False
        return self.precision != "f32" or self.largest_difference <= LARGEST_DIFFERENCE

    @property
    def name(self) -> str:
        """Engine and precision."""
        return f"{self.engine} {self.precision}"

    def agreement(self) -> str:
        """How near it came, in words."""
        return (
            f"least cosine {self.least_cosine:.6f}, largest difference {self.largest_difference:.1e} of the "
            "largest feature"
        )


@dataclass(frozen=True)
class Outcome:
    """What a trial came to.

    Attributes:
        engine: The engine chosen.
        precision: Its number format.
        reason: Why, in a sentence.
        tried: All that ran, Keras first; empty where none was tried.
        n: Samples that were compared.
    """

    engine: str
    precision: str
    reason: str
    tried: tuple[Tried, ...] = ()
    n: int = 0

    def as_dict(self) -> dict[str, object]:
        """To be remembered."""
        return dataclasses.asdict(self)


def recalled(kept: dict[str, object] | None) -> Outcome | None:
    """An outcome from what `as_dict` gave; None where that is not all there."""
    if kept is None:
        return None
    try:
        tried = tuple(Tried(**one) for one in kept["tried"])  # type: ignore[attr-defined]
        found = Outcome(**{**kept, "tried": tried})  # type: ignore[arg-type]
    except (KeyError, TypeError):
        return None
    return found


@dataclass(frozen=True)
class Reference:
    """What Keras gives for some samples, and how fast.

    Attributes:
        samples: The trunk's inputs, (k, ...) each.
        outputs: What it gives for them.
        tried: Its own line of the trial.
    """

    samples: list[NDArray[Any]]
    outputs: list[NDArray[Any]]
    tried: Tried


def reference(engine: TensorEngine, arrays: Arrays, k: int) -> Reference:
    """Runs Keras on the first k samples: once to warm up, and then for a while."""
    samples = [array[:k] for array in arrays]
    outputs = engine.compute(samples)
    return Reference(samples, outputs, Tried("keras", engine.info.precision, _rate(engine, samples)))


def measure(engine: TensorEngine, given: Reference) -> Tried:
    """Runs another engine on the same samples.

    Where it does not agree, its speed does not matter, and is left at 0.
    """
    outputs = engine.compute(given.samples)
    least = min(
        float(cosines(_rows(one), _rows(other)).min(initial=1.0))
        for one, other in zip(given.outputs, outputs, strict=True)
    )
    largest = max(
        difference(_rows(one), _rows(other)) for one, other in zip(given.outputs, outputs, strict=True)
    )
    # No infinity is remembered: JSON has none.
    found = Tried(engine.info.name, engine.info.precision, 0.0, least, min(largest, 1e9))
    if not found.agrees and engine.info.precision == "f32":
        return found
    return dataclasses.replace(found, rate=rate(engine, given))


def rate(engine: TensorEngine, given: Reference) -> float:
    """Samples a second of an engine that has run before."""
    # As many as it computes side by side, or some of its threads would wait.
    k, wanted = len(given.samples[0]), max(len(given.samples[0]), engine.info.requests)
    return _rate(engine, [np.concatenate([array] * -(-wanted // k))[:wanted] for array in given.samples])


def is_close(tried: list[Tried]) -> bool:
    """Whether the speeds are so near each other that a busy moment may have decided."""
    first, *others = tried
    fast = max(one.rate for one in others if one.agrees) if any(one.agrees for one in others) else 0.0
    return first.rate / CLOSE < fast < first.rate * CLOSE


def fastest(tried: list[Tried]) -> Tried:
    """The fastest of those that agree; the first, Keras, unless another gains enough."""
    first, *others = tried
    able = [one for one in others if one.agrees and one.rate >= first.rate * GAIN]
    return max(able, key=lambda one: one.rate, default=first)


def _rows(array: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(array, np.float32).reshape(len(array), int(np.prod(array.shape[1:], dtype=int)))


def _rate(engine: TensorEngine, samples: list[NDArray[Any]]) -> float:
    """Samples a second in the best call, for what else runs here slows only some of them."""
    started = time.perf_counter()
    best = 0.0
    while best == 0 or time.perf_counter() - started < SECONDS:
        began = time.perf_counter()
        engine.compute(samples)
        best = max(best, len(samples[0]) / max(time.perf_counter() - began, 1e-9))
    return best
