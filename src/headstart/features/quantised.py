"""`--precision int8`: a trunk calibrated on the user's own pictures, once, and used only where that gains.

A calibration is remembered for its trunk, and serves again as long as half of its pictures are among those
given: a folder that grows by some pictures keeps its features.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headstart import engines
from headstart.backbones import Trunk
from headstart.core import hashing, outcomes
from headstart.core.errors import EngineError, PicturesError, StoreError
from headstart.core.progress import Voice
from headstart.engines import int8_trial as trials
from headstart.engines.cosines import cosines
from headstart.engines.int8_trial import Trial
from headstart.engines.openvino import int8, opening, processor
from headstart.features.choice import (
    EngineChoice,
    automatic,
    graphs_in,
    remember_precision,
    settled,
)
from headstart.features.decoding import Source, decode_ahead
from headstart.features.store import Store

CALIBRATED = 32
"""Pictures to calibrate on. 16 to 200 were tried on VGG19, EfficientNet-Lite0 and MobileNetV2: beyond these
neither agreement nor accuracy changed by more than chance, and each costs a pass in f32."""

FEWEST = 8
"""Fewer readable pictures than this say too little of what is to come."""

REMEMBERED = 8
"""Calibrations of one trunk that are remembered, the last ones."""


def choose_int8(
    trunk: Trunk,
    eligible: Mapping[str, Source],
    withheld: Collection[str],
    store: Store,
    voice: Voice,
) -> EngineChoice:
    """Finds the calibration of a trunk, or makes it, and holds it against the precision that `auto` takes.

    Args:
        trunk: The trunk to run.
        eligible: Pictures to calibrate on by their content, the ones to take first in front.
        withheld: Contents that must have had no part in a calibration.
        store: Where graphs and trials are kept.
        voice: Told the figures.

    Raises:
        EngineError: If NNCF is missing or cannot quantise the trunk; or where int8 gains nothing here, with
            the figures.
        PicturesError: If too few pictures can be read.
        StoreError: If the graph cannot be kept.
    """
    folder = graphs_in(store)
    made = _Made(trunk, store, folder)
    known = _known(trunk, store, folder, eligible, withheld)
    name, contents = known if known is not None else made.calibrate(eligible)
    about: dict[str, object] = {
        "graph": name,
        "openvino": processor.version(),
        "processor": processor.name(),
        "threads": processor.threads(),
    }
    trial = trials.recalled(outcomes.recall(store.folder, "int8", about))
    if trial is None:
        trial = made.trial(name, contents, eligible, voice)
        outcomes.keep(store.folder, "int8", about, trial.as_dict())
    refusal = trial.refusal()
    if refusal is not None:
        made.close()
        raise refusal
    voice.say(trial.note())
    choice = settled(trunk, store, "openvino", name, (trial.note(),), trial=trial)
    choice._engine = made.engine
    return choice


def copy_graph(name: str, store: Store, folder: Path) -> tuple[str, ...]:
    """Copies a quantised graph's files out of the store's folder, and gives their names.

    Raises:
        EngineError: If they are gone.
    """
    try:
        return int8.copy(name, graphs_in(store), folder)
    except FileNotFoundError as error:
        raise _gone(name, graphs_in(store)) from error


class _Made:
    """What is made on the way: pictures, graphs, engines; each once, and only where it is needed."""

    def __init__(self, trunk: Trunk, store: Store, folder: Path) -> None:
        self._trunk, self._store, self._folder = trunk, store, folder
        self._prepared: opening.Prepared | None = None
        self._pixels: dict[str, NDArray[np.uint8]] = {}
        self._seconds = 0.0
        self.engine: engines.Engine | None = None

    def calibrate(self, eligible: Mapping[str, Source]) -> tuple[str, tuple[str, ...]]:
        """Quantises the trunk; gives the graph's name and the contents that it was calibrated on."""
        int8.require()
        began = time.perf_counter()
        self._decode(eligible, CALIBRATED + trials.PICTURES)
        if len(self._pixels) < FEWEST:
            raise PicturesError(
                f"--precision int8 needs at least {FEWEST} readable pictures to calibrate on",
                f"{len(self._pixels)} of them",
                "use --precision auto",
            )
        contents = tuple(self._pixels)[:CALIBRATED]
        graph = int8.quantise(self._prepare().graph, [self._pixels[content] for content in contents])
        try:
            name = int8.keep(graph, self._trunk.key, self._folder)
        except OSError as error:
            raise StoreError(
                "The feature store needs space and the right to write",
                f"{self._folder} ({error.strerror or error})",
                "free some space, or set HEADSTART_HOME to a folder on another disk",
            ) from error
        self._seconds = time.perf_counter() - began
        key = _note_key(self._trunk)
        earlier = [entry for entry in _remembered(self._store, key) if entry["graph"] != name]
        entry = {"graph": name, "contents": list(contents), "seconds": self._seconds}
        self._store.remember(key, {"calibrations": [entry, *earlier][:REMEMBERED]})
        return name, contents

    def trial(
        self, name: str, contents: tuple[str, ...], eligible: Mapping[str, Source], voice: Voice
    ) -> Trial:
        """Compares the quantised graph with f32 and with what `auto` takes."""
        unseen = {content: source for content, source in eligible.items() if content not in contents}
        self._decode(unseen if len(unseen) >= FEWEST else eligible, trials.PICTURES)
        of_others = [pixels for content, pixels in self._pixels.items() if content not in contents]
        taken = of_others if len(of_others) >= FEWEST else list(self._pixels.values())
        sample = np.stack(taken[: trials.PICTURES])
        graph = int8.read(name, self._trunk.key, self._folder)
        if graph is None:
            raise _gone(name, self._folder)
        prepared = self._prepare()
        self.engine = engines.compile_graph(graph, "int8", prepared.notes)
        exact = prepared.open("f32")
        expected = trials.features(exact, sample)
        found = cosines(expected, trials.features(self.engine, sample))
        other = self._automatic(exact, expected, sample, voice)
        rate, other_rate = trials.rates((self.engine, other), sample)
        exact.close()
        other.close()
        return Trial(
            rate=rate,
            other_rate=other_rate,
            other=other.info.precision,
            least_cosine=float(found.min()),
            mean_cosine=float(found.mean()),
            n=len(sample),
            calibrated=len(contents),
            seconds=self._spent(name),
        )

    def _automatic(
        self,
        exact: engines.Engine,
        expected: NDArray[np.float32],
        sample: NDArray[np.uint8],
        voice: Voice,
    ) -> engines.Engine:
        """The engine that `auto` takes, tried on the sample where it was not tried before."""
        known = automatic(self._trunk, self._store)
        if known is None:
            fast = self._prepare().open("bf16")
            agreement = engines.compare_precisions(expected, trials.features(fast, sample))
            remember_precision(self._trunk, self._store, agreement.precision, agreement.reason)
            voice.say(f"precision {agreement.reason}")
            if agreement.precision == "bf16":
                return fast
            fast.close()
            return exact
        return exact if known[0] == "f32" else self._prepare().open("bf16")

    def close(self) -> None:
        """Lets go of the engine."""
        if self.engine is not None:
            self.engine.close()

    def _spent(self, name: str) -> float:
        """Seconds that the calibration took, now or when it was made."""
        for entry in _remembered(self._store, _note_key(self._trunk)):
            if entry["graph"] == name and isinstance(entry.get("seconds"), float):
                return float(str(entry["seconds"]))
        return self._seconds

    def _prepare(self) -> opening.Prepared:
        if self._prepared is None:
            sample = np.stack(list(self._pixels.values())[:2])
            self._prepared = opening.prepare(self._trunk.model, sample=sample, cache=self._store.folder)
        return self._prepared

    def _decode(self, sources: Mapping[str, Source], wanted: int) -> None:
        """Reads pictures, until so many are there."""
        contents = [content for content in sources if content not in self._pixels]
        wanted -= sum(content in self._pixels for content in sources)
        if wanted <= 0:
            return
        attempts = decode_ahead([sources[c] for c in contents], range(len(contents)), self._trunk.recipe)
        try:
            for attempt in attempts:
                if attempt.decoded is not None:
                    self._pixels[contents[attempt.index]] = attempt.decoded.pixels
                    wanted -= 1
                if wanted <= 0:
                    break
        finally:
            attempts.close()


def _known(
    trunk: Trunk, store: Store, folder: Path, eligible: Mapping[str, Source], withheld: Collection[str]
) -> tuple[str, tuple[str, ...]] | None:
    """The newest calibration that still serves, by its graph's name and its contents."""
    for entry in _remembered(store, _note_key(trunk)):
        name, contents = str(entry["graph"]), entry["contents"]
        if not isinstance(contents, list):
            continue
        among = sum(content in eligible for content in contents)
        if 2 * among < len(contents) or any(content in withheld for content in contents):
            continue
        if int8.read(name, trunk.key, folder) is not None:
            return name, tuple(map(str, contents))
    return None


def _remembered(store: Store, key: str) -> list[dict[str, object]]:
    note = store.note(key)
    entries = note.get("calibrations") if note else None
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, dict) and {"graph", "contents"} <= entry.keys()]


def _note_key(trunk: Trunk) -> str:
    recipe = trunk.recipe
    settings = {
        "trunk": trunk.key,
        "recipe": [recipe.width, recipe.height, recipe.interpolation, recipe.version],
        "version": int8.VERSION,
    }
    return "int8:" + hashing.of_settings(settings)


def _gone(name: str, folder: Path) -> EngineError:
    return EngineError(
        "A quantised graph must be where it was kept",
        f"{name} missing or changed in {folder}",
        "train again with --precision int8, or use --precision auto",
    )
