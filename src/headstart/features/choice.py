"""Which engine and precision make the features: as asked, or chosen once a trunk and machine.

`auto` needs the engine opened twice and some pictures run through both, so what it chose is
remembered in the store. A later run then knows its key, and finds its features, without opening an engine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headstart import engines
from headstart.backbones import Trunk
from headstart.core import hashing
from headstart.core.errors import EngineError, SettingsError
from headstart.core.progress import Voice
from headstart.engines.int8_trial import Trial
from headstart.engines.openvino import int8, processor
from headstart.engines.protocol import Engine, Precision
from headstart.features.decoding import Source, decode_ahead
from headstart.features.records import Maker
from headstart.features.store import Store

PRECISIONS = ("auto", "f32", "bf16", "int8")
QUANTISED = re.compile(rf"{int8.PREFIX}[0-9a-f]{{16}}")
"""How int8 is called once its calibration is settled: by the graph that it gave."""
ENGINES = ("openvino", "onnx", "keras")
GRAPHS = "graphs"
"""The folder of quantised graphs, beside the store."""
SAMPLE = 16
"""Pictures on which precisions are compared."""


@dataclass
class EngineChoice:
    """The maker of features, with its engine, which is opened when it is first needed.

    Attributes:
        maker: What the features will be made by.
        notes: Lines on why.
        graphs: Where a quantised graph lies.
        trial: How int8 compares, where it was chosen.
    """

    trunk: Trunk
    maker: Maker
    store: Store
    notes: tuple[str, ...]
    graphs: Path
    trial: Trial | None = None
    _engine: Engine | None = field(default=None, repr=False)

    def engine(self) -> Engine:
        """The engine, opened now where it is not open yet."""
        if self._engine is None:
            if self.maker.engine == "keras":
                self._engine = engines.open_keras(self.trunk.model)
            elif self.maker.engine == "onnx":
                self._engine = engines.open_onnx(self.trunk.model)
            elif self.maker.format == "int8":
                self._engine = _open_quantised(self.maker.precision, self.trunk, self.graphs)
            else:
                precision: Precision = "bf16" if self.maker.precision == "bf16" else "f32"
                self._engine = engines.open_openvino(
                    self.trunk.model, precision=precision, cache=self.store.folder
                )
        return self._engine

    def close(self) -> None:
        """Lets go of the engine, if it was opened."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None


def choose_engine(
    trunk: Trunk,
    sources: Sequence[Source],
    store: Store,
    engine: str,
    precision: str,
    voice: Voice,
    graphs: Path | None = None,
) -> EngineChoice:
    """Settles engine and precision, with as little work as that takes.

    Args:
        trunk: The trunk to run.
        sources: The user's pictures, for the comparison of precisions.
        store: Where an earlier choice is remembered.
        engine: 'openvino', 'onnx' or 'keras'.
        precision: 'auto', 'f32', 'bf16', or the name of a quantised graph ('int8-' and 16 digits).
        voice: Told why, where there was something to choose.
        graphs: Folder of that graph, where it is not the store's own.

    Raises:
        SettingsError: If engine or precision is none that exists.
        EngineError: If bf16 is asked for where the processor or engine does not have it, or ONNX Runtime is
            asked for and missing.
    """
    _check(engine, precision)
    if QUANTISED.fullmatch(precision):
        return settled(trunk, store, "openvino", precision, (), graphs=graphs)
    if engine == "keras":
        return settled(trunk, store, "keras", "f32", ())
    if engine == "onnx":
        if precision == "bf16":
            raise EngineError(
                "--engine onnx computes in f32",
                "--precision bf16",
                "leave out one of --engine and --precision",
            )
        engines.require_onnx()
        return settled(trunk, store, "onnx", "f32", ())
    if precision == "f32":
        return settled(trunk, store, "openvino", "f32", ())
    if precision == "bf16":
        if not engines.native_bf16():
            raise EngineError(
                "--precision bf16 needs a processor that computes in bfloat16",
                f"{processor.name()}, which does not",
                "use --precision f32 or auto",
            )
        return settled(trunk, store, "openvino", "bf16", ())
    return _automatic(trunk, sources, store, voice)


def _automatic(trunk: Trunk, sources: Sequence[Source], store: Store, voice: Voice) -> EngineChoice:
    known = automatic(trunk, store)
    if known is not None:
        return settled(trunk, store, "openvino", known[0], known[1:])
    sample = _sample(sources, trunk)
    if sample is None:
        # Nothing readable to compare on: the run will end with that error, not with ours.
        return settled(trunk, store, "openvino", "f32", ())
    opened, agreement = engines.choose_precision(trunk.model, sample, "auto", cache=store.folder)
    remember_precision(trunk, store, agreement.precision, agreement.reason)
    voice.say(f"precision {agreement.reason}")
    choice = settled(trunk, store, "openvino", agreement.precision, (agreement.reason,))
    choice._engine = opened
    return choice


def automatic(trunk: Trunk, store: Store) -> tuple[str, str] | None:
    """What `auto` takes for a trunk on this machine, and why; None where that is still to be tried."""
    if not engines.native_bf16():
        return "f32", "f32: this processor has no native bfloat16"
    remembered = store.note(_note_key(trunk))
    if remembered is not None and remembered.get("precision") in ("f32", "bf16"):
        return str(remembered["precision"]), str(remembered.get("reason", ""))
    return None


def remember_precision(trunk: Trunk, store: Store, precision: str, reason: str) -> None:
    """Remembers what `auto` is to take for a trunk on this machine, and why."""
    store.remember(_note_key(trunk), {"precision": precision, "reason": reason})


def _note_key(trunk: Trunk) -> str:
    settings = {"trunk": trunk.key, "processor": processor.name(), "engine": processor.version()}
    return "precision:" + hashing.of_settings(settings)


def _sample(sources: Sequence[Source], trunk: Trunk) -> NDArray[np.uint8] | None:
    """Up to SAMPLE readable pictures, spread over all of them so that every class has a say."""
    step = max(1, len(sources) // SAMPLE)
    spread = [*range(0, len(sources), step), *range(1, min(len(sources), 4 * SAMPLE))]
    pixels: list[NDArray[np.uint8]] = []
    attempts = decode_ahead(sources, list(dict.fromkeys(spread)), trunk.recipe)
    try:
        for attempt in attempts:
            if attempt.decoded is not None:
                pixels.append(attempt.decoded.pixels)
            if len(pixels) == SAMPLE:
                break
    finally:
        attempts.close()
    return np.stack(pixels) if pixels else None


def graphs_in(store: Store) -> Path:
    """The folder in which a store keeps quantised graphs."""
    return store.folder / GRAPHS


def _open_quantised(name: str, trunk: Trunk, folder: Path) -> Engine:
    graph = int8.read(name, trunk.key, folder)
    if graph is None:
        raise EngineError(
            "Features in int8 are made by the graph that was calibrated for them",
            f"{name}, which is missing or was changed in {folder}",
            "calibrate and train again with --precision int8, or use --precision auto",
        )
    return engines.compile_graph(graph, "int8")


def settled(
    trunk: Trunk,
    store: Store,
    engine: str,
    precision: str,
    notes: tuple[str, ...],
    *,
    graphs: Path | None = None,
    trial: Trial | None = None,
) -> EngineChoice:
    """The choice, once engine and precision are known."""
    maker = Maker(
        trunk=trunk.key,
        backbone=trunk.backbone.name,
        width=trunk.width,
        recipe=trunk.recipe,
        engine=engine,
        precision=precision,
        storage=trunk.storage,
    )
    given = tuple(note for note in notes if note)
    return EngineChoice(trunk, maker, store, given, graphs or graphs_in(store), trial)


def _check(engine: str, precision: str) -> None:
    if engine not in ENGINES:
        raise SettingsError(
            f"--engine must be one of {', '.join(ENGINES)}", repr(engine), "choose one of them"
        )
    if precision not in PRECISIONS and not QUANTISED.fullmatch(precision):
        raise SettingsError(
            f"--precision must be one of {', '.join(PRECISIONS)}", repr(precision), "choose one of them"
        )
