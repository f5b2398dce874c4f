"""Which precision to compute in: the faster one where it agrees with the exact one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from headstart.core import hashing, outcomes
from headstart.core.errors import SettingsError
from headstart.engines.cosines import cosines
from headstart.engines.openvino.opening import prepare
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
    channels_first: bool = True,
    cache: Path | None = None,
) -> tuple[Engine, Agreement]:
    """Opens the OpenVINO engine in the precision that is wanted, or in the one that suits.

    Args:
        model: See `open_openvino`.
        sample: A few of the user's pictures, uint8 (k, height, width, 3).
        wanted: 'f32' or 'bf16' as told; 'auto' is bf16 where the processor has it natively and its
            features agree with those in f32 on the sample, else f32.
        channels_first: See `open_openvino`.
        cache: Folder in which the outcome on this sample is kept for the next time; None keeps nothing.

    Returns:
        The engine, and how the choice was made.

    Raises:
        EngineError: See `open_openvino`.
        SettingsError: If `wanted` is none of the three.
    """
    if wanted not in ("auto", "f32", "bf16"):
        raise SettingsError(
            "The precision is one of auto, f32, bf16", f"precision={wanted!r}", "choose one of the three"
        )
    prepared = prepare(model, channels_first=channels_first, sample=sample, cache=cache)
    if wanted != "auto":
        return prepared.open(wanted), Agreement(wanted, None, None, 0, f"{wanted}, as asked for.")
    if not native_bf16():
        return prepared.open("f32"), Agreement(
            "f32", None, None, 0, "f32, since this processor does not compute in bf16 natively."
        )
    if not len(sample):
        return prepared.open("f32"), Agreement(
            "f32", None, None, 0, "f32, for want of pictures to try bf16 on."
        )
    about = {**prepared.about, "sample": hashing.of_arrays([sample])}
    agreement = _recalled(outcomes.recall(cache, "precision", about), len(sample))
    if agreement is not None:
        return prepared.open(agreement.precision), agreement
    exact, fast = prepared.open("f32"), prepared.open("bf16")
    agreement = compare(features(exact, sample), features(fast, sample))
    outcomes.keep(
        cache,
        "precision",
        about,
        {"least_cosine": agreement.least_cosine, "largest_difference": agreement.largest_difference},
    )
    chosen, other = (fast, exact) if agreement.precision == "bf16" else (exact, fast)
    other.close()
    return chosen, agreement


def features(engine: Engine, sample: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The features of one batch, (k, width)."""
    return next(iter(engine.run([(None, sample)])))[1]


def compare(exact: NDArray[np.float32], fast: NDArray[np.float32]) -> Agreement:
    """Decides between f32 and bf16 by features of the same pictures, (k, width) each."""
    a, b = exact.astype(np.float64), fast.astype(np.float64)
    if not np.isfinite(b).all():
        return Agreement("f32", None, None, len(a), "f32, since bf16 gave features that are no numbers.")
    apart = float(np.abs(a - b).max() / max(float(np.abs(a).max()), float(np.finfo(np.float32).tiny)))
    return decide(float(cosines(exact, fast).min()), apart, len(a))


def decide(least_cosine: float, largest_difference: float, n: int) -> Agreement:
    """The choice, given how far the features of n pictures were apart."""
    found = f"the least cosine between features in bf16 and f32 was {least_cosine:.5f} on {n} pictures"
    if least_cosine >= LEAST_COSINE:
        return Agreement("bf16", least_cosine, largest_difference, n, f"bf16, native here: {found}.")
    reason = f"f32, though bf16 is native here: {found}, under {LEAST_COSINE}."
    return Agreement("f32", least_cosine, largest_difference, n, reason)


def _recalled(kept: dict[str, object] | None, n: int) -> Agreement | None:
    if kept is None:
        return None
    cosine, apart = kept.get("least_cosine"), kept.get("largest_difference")
    return decide(cosine, apart, n) if isinstance(cosine, float) and isinstance(apart, float) else None
