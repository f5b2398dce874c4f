"""Which engine runs a trunk: the user's Keras backend, or a faster engine that gives the same.

The first time that much work is ahead, the engines are tried on the user's own samples, and what came of it
is remembered for this trunk on this machine. Little work goes to Keras at once: an export costs seconds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from headstart.core import hashing
from headstart.core.errors import EngineError
from headstart.core.progress import Voice
from headstart.engines.int8_trial import LEAST_COSINE as USABLE
from headstart.engines.onnx.export import missing as missing_for_onnx
from headstart.engines.openvino import processor
from headstart.engines.protocol import Arrays, TensorEngine
from headstart.features.records import Maker
from headstart.features.store import Store
from headstart.frozen import trial
from headstart.frozen.bank import contents_of
from headstart.frozen.keras_engine import KerasTensors
from headstart.frozen.opening import Openings
from headstart.frozen.trial import Outcome

if TYPE_CHECKING:
    import keras

SMALL = 20_000_000_000
"""Multiply-adds in all under which nothing is even timed: a processor core needs a second for so many."""

WORTH = 20.0
"""Seconds of work for Keras under which nothing is exported: export and trial take five to ten of them."""

WORTH_ONNX = 120.0
"""The same for ONNX Runtime, whose export takes up to half a minute; it is tried where it is installed."""

UNKNOWN = 1000
"""How many samples are reckoned with where the data does not say how many it holds."""

LOOKED_UP = 64
"""Samples that are looked up in the store to tell how much of the work is done already."""


class Selection:
    """The engine for one trunk, settled when samples are first seen.

    Args:
        trunk: The frozen part.
        maker: What its features are made by, but for the engine; None where they cannot be kept, and Keras
            makes them.
        multiply_adds: Of one sample; None where not known.
        precision: 'f32' for engines that give what Keras gives, 'auto' for bf16 too where it is native and
            agrees, 'bf16' for that alone.
        store: Where outcomes are remembered.
        voice: Told of the outcome.
        why_keras: Why no other engine comes into question, in a sentence; None where one may.

    Raises:
        EngineError: If bf16 is asked for and cannot be had.
    """

    def __init__(
        self,
        trunk: keras.Model,
        maker: Maker | None,
        multiply_adds: int | None,
        precision: str,
        store: Store | None,
        voice: Voice,
        why_keras: str | None,
    ) -> None:
        self._keras = KerasTensors(trunk)
        self.maker = replace(maker, engine=self._keras.info.version) if maker else None
        self.outcome: Outcome | None = None
        self.expected: int | None = None
        self._multiply_adds = multiply_adds
        self._precision = precision
        self._store = store
        self._voice = voice
        self._why_keras = why_keras if maker is not None else "The features cannot be kept"
        self._openings = Openings(trunk, store.folder if store else None)
        if precision == "bf16" and self._why_keras is not None:
            raise _no_bf16(self._why_keras)
        if precision == "auto" and not processor.native_bf16():
            self._precision = "f32"

    def settle(self, arrays: Arrays) -> Maker | None:
        """What makes the features, settled by the first samples that come.

        Args:
            arrays: The trunk's inputs, (n, ...) each.

        Raises:
            EngineError: If bf16 is asked for and cannot be had.
        """
        if self.outcome is None and len(arrays[0]):
            self._settle(self._settled(arrays))
        return self.maker

    def engine(self, arrays: Arrays) -> TensorEngine:
        """The engine, opened now where it is not; `maker` says afterwards whose features they are."""
        if self.outcome is None or self.outcome.engine == "keras":
            return self._keras
        try:
            return self._openings.open(self.outcome.engine, self.outcome.precision, arrays)
        except EngineError as error:
            if self._precision == "bf16":
                raise
            self._voice.warn(
                "headstart.fit: what the store lacks is computed by Keras, as "
                f"{self.outcome.engine} could not be opened: {error}"
            )
            self._settle(Outcome("keras", "f32", str(error)))
            return self._keras

    def save(self) -> None:
        """Writes the trunk to a file, if it may be needed: while JAX trains, its values are away."""
        if self._why_keras is not None or self.outcome is not None:
            return
        remembered = self._recalled()
        ahead = UNKNOWN if self.expected is None else self.expected
        small = self._multiply_adds is not None and self._multiply_adds * ahead < SMALL
        if (remembered is None and small) or (remembered is not None and remembered.engine == "keras"):
            return
        try:
            self._openings.save()
        except EngineError as error:
            if self._precision == "bf16":
                raise
            self._why_keras = str(error)

    def close(self) -> None:
        """Gives back what was opened."""
        self._openings.close()

    def _settle(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._openings.close_all_but(outcome.engine, outcome.precision)
        if self.maker is not None and outcome.engine != "keras":
            self.maker = replace(self.maker, engine=outcome.engine, precision=outcome.precision)
        elif self.maker is not None:
            self.maker = replace(self.maker, engine=self._keras.info.version, precision="f32")

    def _settled(self, arrays: Arrays) -> Outcome:
        if self._why_keras is not None:
            return Outcome("keras", "f32", self._why_keras)
        remembered = self._recalled()
        if remembered is not None:
            return remembered
        if self._precision != "bf16" and self._is_small(arrays):
            return Outcome("keras", "f32", "The work is small")
        return self._tried(arrays)

    def _recalled(self) -> Outcome | None:
        return trial.recalled(self._store.note(self._note_key())) if self._store else None

    def _is_small(self, arrays: Arrays) -> bool:
        """Whether Keras does it before an export would be done."""
        return self._multiply_adds is not None and self._multiply_adds * self._missing(arrays) < SMALL

    def _missing(self, arrays: Arrays) -> float:
        """How many samples Keras has not computed before, as far as a few of them tell."""
        n = len(arrays[0])
        ahead = max(UNKNOWN if self.expected is None else self.expected, n)
        if self._store is None or self.maker is None:
            return ahead
        some = np.unique(np.linspace(0, n - 1, min(n, LOOKED_UP)).astype(int))
        contents = set(contents_of([array[some] for array in arrays]))
        return ahead * (1 - len(self._store.have(self.maker, sorted(contents))) / len(contents))

    def _tried(self, arrays: Arrays) -> Outcome:
        heavy = (self._multiply_adds or 0) > trial.HEAVY
        k = trial.ON_GPU if self._keras.gpu else trial.FEW if heavy else trial.SAMPLES
        given = trial.reference(self._keras, self._openings.first(arrays, k), k)
        seconds = self._missing(arrays) / given.tried.rate
        if self._precision != "bf16" and seconds < WORTH:
            return Outcome("keras", "f32", "The work is small", (given.tried,))
        wanted = [("openvino", precision) for precision in _PRECISIONS[self._precision]]
        if self._precision != "bf16" and seconds >= WORTH_ONNX and not missing_for_onnx():
            wanted.append(("onnx", "f32"))
        tried, ran = [given.tried], [cast("TensorEngine", self._keras)]
        for name, precision in wanted:
            try:
                engine = self._openings.open(name, precision, given.samples)
                tried += [trial.measure(engine, given)]
                ran += [engine]
            # OpenVINO's own errors are RuntimeErrors.
            except (EngineError, RuntimeError) as error:
                if self._precision == "bf16":
                    raise
                self._voice.say(f"Frozen part without {name}: {error}")
                refused = str(error)
        if len(tried) == 1:
            # Not remembered: what kept it from being exported may pass, such as a full disk.
            return Outcome("keras", "f32", refused, tuple(tried))
        if trial.is_close(tried):
            pairs = zip(tried, ran, strict=True)
            tried = [
                replace(one, rate=max(one.rate, trial.rate(engine, given))) if one.rate else one
                for one, engine in pairs
            ]
        if self._precision == "bf16":
            return self._bf16(tried, len(given.samples[0]))
        return self._chosen(tried, len(given.samples[0]))

    def _chosen(self, tried: list[trial.Tried], n: int) -> Outcome:
        for one in tried[1:]:
            if not one.agrees:
                self._voice.warn(
                    f"headstart.fit: {one.name} is not used, for its features differ from Keras's "
                    f"({one.agreement()} on {n} samples)"
                )
        best = trial.fastest(tried)
        beside = ", ".join(f"{one.name} {one.rate:,.1f}" for one in tried if one is not best and one.rate)
        reason = f"Frozen part on {best.name}, {best.rate:,.1f} samples a second"
        reason += f" ({beside})" if beside else ""
        reason += f"; {best.agreement()} on {n} samples" if best.engine != "keras" else ""
        self._voice.say(reason)
        return self._remembered(Outcome(best.engine, best.precision, reason, tuple(tried), n))

    def _bf16(self, tried: list[trial.Tried], n: int) -> Outcome:
        own = tried[1]
        if not own.least_cosine >= USABLE:
            raise _no_bf16(f"Its features differ from Keras's ({own.agreement()} on {n} samples)")
        reason = f"Frozen part on {own.name}, as asked for, {own.rate:,.1f} samples a second"
        reason += f"; {own.agreement()} on {n} samples"
        self._voice.say(reason)
        return self._remembered(Outcome(own.engine, own.precision, reason, tuple(tried), n))

    def _remembered(self, outcome: Outcome) -> Outcome:
        if self._store is not None:
            self._store.remember(self._note_key(), outcome.as_dict())
        return outcome

    def _note_key(self) -> str:
        assert self.maker is not None
        about = {
            "trunk": self.maker.trunk,
            "precision": self._precision,
            "keras": self._keras.info.version,
            "openvino": processor.version(),
            "onnx": not missing_for_onnx(),
            "processor": processor.name(),
            "threads": processor.threads(),
        }
        return "fit-engine:" + hashing.of_settings(about)


_PRECISIONS = {"f32": ("f32",), "bf16": ("bf16",), "auto": ("f32", "bf16")}


def _no_bf16(why: str) -> EngineError:
    return EngineError(
        "precision='bf16' is for frozen parts that OpenVINO can run in bf16",
        why[:1].lower() + why[1:],
        "use precision='f32'",
    )
