"""Which precision to compute in: the faster one where it agrees with the exact one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from headstart.engines.openvino.opening import open_openvino
from headstart.engines.openvino.processor import native_bf16
from headstart.engines.protocol import Agreement, Engine

if TYPE_CHECKING:
    import keras

LEAST_COSINE = 0.999
"""bf16 is taken where every sample picture's features have at least this cosine with those in f32."""


def choose_precision(
    model: keras.Model,
    sample: NDArray[np.uint8],
    wanted: Literal["auto", "f32", "bf16"],
    *,
    cache: Path | None = None,
) -> tuple[Engine, Agreement]:
    """Opens the OpenVINO engine in the precision that is wanted, or in the one that suits.

    Args:
        model: See `open_openvino`.
        sample: A few of the user's pictures, uint8 (k, height, width, 3).
        wanted: 'f32' or 'bf16' as told; 'auto' is bf16 where the processor has it natively and its
            features agree with those in f32 on the sample, else f32.
        cache: See `open_openvino`.

    Returns:
        The engine, and how the choice was made.
    """
    if wanted != "auto":
        engine = open_openvino(model, precision=wanted, sample=sample, cache=cache)
        return engine, Agreement(wanted, None, None, 0, f"{wanted} as asked for.")
    exact = open_openvino(model, precision="f32", sample=sample, cache=cache)
    if not native_bf16():
        return exact, Agreement("f32", None, None, 0, "f32, since this processor has no bf16 of its own.")
    fast = open_openvino(model, precision="bf16", sample=sample, cache=cache)
    agreement = compare(features(exact, sample), features(fast, sample))
    chosen, other = (fast, exact) if agreement.precision == "bf16" else (exact, fast)
    other.close()
    return chosen, agreement


def features(engine: Engine, sample: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The features of one batch, (k, width)."""
    return next(iter(engine.run([(None, sample)])))[1]


def compare(exact: NDArray[np.float32], fast: NDArray[np.float32]) -> Agreement:
    """Decides between f32 and bf16 by features of the same pictures, (k, width) each."""
    a, b = exact.astype(np.float64), fast.astype(np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosines = np.divide((a * b).sum(axis=1), lengths, out=np.ones(len(a)), where=lengths > 0)
    least = float(cosines.min()) if np.isfinite(b).all() else -1.0
    apart = float(np.abs(a - b).max() / max(float(np.abs(a).max()), np.finfo(np.float32).tiny))
    said = f"on {len(a)} pictures the least cosine between its features and those in f32 is {least:.4f}"
    if least >= LEAST_COSINE:
        return Agreement("bf16", least, apart, len(a), f"bf16, native here: {said}.")
    return Agreement("f32", least, apart, len(a), f"f32 and not bf16: {said}, under {LEAST_COSINE}.")
