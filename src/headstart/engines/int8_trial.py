"""Does int8 gain anything here? Its speed and its features beside those of what would run without it."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import EngineError
from headstart.core.progress import duration
from headstart.engines.protocol import Engine

GAIN = 1.1
"""How many times as fast int8 must be: less is within the noise, and would not pay for its calibration."""

LEAST_COSINE = 0.95
MEAN_COSINE = 0.99
"""What a picture's features in int8 must have with those in f32, at least and in the mean. VGG19 has 0.991
and 0.999, and decides as before; EfficientNet-Lite0 has 0.915 and 0.979, and lost half a point."""

PICTURES = 24
"""Pictures on which features and speed are compared."""

ROUNDS = 2
SECONDS = 0.4
"""How often and how long each engine is timed, in turns; its best round counts."""

BATCH = 4


@dataclass(frozen=True)
class Trial:
    """How int8 compares.

    Attributes:
        rate: Pictures a second in int8.
        other_rate: Pictures a second in the precision that `auto` takes.
        other: That precision.
        least_cosine: Least cosine between a picture's features in int8 and f32.
        mean_cosine: Its mean.
        n: Pictures whose features were compared.
        calibrated: Pictures that the graph was calibrated on.
        seconds: What calibration took, when it was made.
    """

    rate: float
    other_rate: float
    other: str
    least_cosine: float
    mean_cosine: float
    n: int
    calibrated: int
    seconds: float

    @property
    def ratio(self) -> float:
        """How many times as fast int8 is."""
        return self.rate / self.other_rate

    @property
    def agrees(self) -> bool:
        """Whether the features are near enough to those in f32."""
        return self.least_cosine >= LEAST_COSINE and self.mean_cosine >= MEAN_COSINE

    def speeds(self) -> str:
        """Both speeds in words."""
        return (
            f"{self.rate:,.0f} pictures a second against {self.other_rate:,.0f} in {self.other},"
            f" {self.ratio:.2f} times"
        )

    def cosines(self) -> str:
        """The agreement in words."""
        return (
            f"cosine with f32 {self.least_cosine:.4f} at least and {self.mean_cosine:.4f} in the mean"
            f" on {self.n} pictures"
        )

    def note(self) -> str:
        """For the terminal and the report, a sentence."""
        saved = 1 / self.other_rate - 1 / self.rate
        pays = f", which pays from {self.seconds / saved:,.0f} pictures on" if saved > 0 else ""
        return (
            f"int8: {self.speeds()}; features' {self.cosines()}; calibrated on {self.calibrated} pictures"
            f" in {duration(self.seconds)}{pays}"
        )

    def refusal(self) -> EngineError | None:
        """What to say where int8 gains nothing; None where it may be used."""
        if not self.agrees:
            return EngineError(
                "--precision int8 is used where its features have a cosine with those in f32 of"
                f" {LEAST_COSINE} at least and {MEAN_COSINE} in the mean",
                f"a {self.cosines()}",
                f"use --precision auto, which takes {self.other} here",
            )
        if self.ratio < GAIN:
            return EngineError(
                f"--precision int8 is used where it is at least {GAIN} times as fast as {self.other}, which"
                " auto takes here",
                self.speeds(),
                "use --precision auto",
            )
        return None

    def as_dict(self) -> dict[str, object]:
        """For metrics.json, and to be kept."""
        return dataclasses.asdict(self)


def recalled(kept: dict[str, object] | None) -> Trial | None:
    """A trial from what `as_dict` gave; None where that is not all there."""
    try:
        found = Trial(**kept) if kept is not None else None  # type: ignore[arg-type]
    except TypeError:
        return None
    numbers = () if found is None else (found.rate, found.other_rate, found.least_cosine, found.mean_cosine)
    return found if all(isinstance(number, float) for number in numbers) else None


def features(engine: Engine, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Features of pictures, (n, width)."""
    batches = ((None, pictures[at : at + BATCH]) for at in range(0, len(pictures), BATCH))
    return np.concatenate([rows for _, rows in engine.run(batches)])


def rates(engines: Sequence[Engine], pictures: NDArray[np.uint8]) -> list[float]:
    """Pictures a second of each engine, in turns, so that a busy machine is busy for all of them."""
    best = [0.0] * len(engines)
    for engine in engines:
        # The first pass of an engine prepares its memory.
        features(engine, pictures[:BATCH])
    for _ in range(ROUNDS):
        best = [max(known, _rate(engine, pictures)) for known, engine in zip(best, engines, strict=True)]
    return best


def _rate(engine: Engine, pictures: NDArray[np.uint8]) -> float:
    """Pictures a second, over a while and at least as many pictures as are computed side by side."""
    began = time.perf_counter()

    def feed() -> Iterator[tuple[None, NDArray[np.uint8]]]:
        fed, at = 0, 0
        while fed < engine.info.requests or time.perf_counter() - began < SECONDS:
            batch = pictures[at : at + BATCH]
            fed, at = fed + len(batch), at + BATCH if at + BATCH < len(pictures) else 0
            yield None, batch

    done = sum(len(rows) for _, rows in engine.run(feed()))
    return done / (time.perf_counter() - began)
