"""The trunk pass: the missing pictures through the engine, their features into the store as they come.

Rows are committed every half second, so a killed run goes on where it was. Each process takes the
pictures in an order of its own and asks the store for each just before decoding it, so two processes
that fill one store share the work instead of doing it twice.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from headstart.core.progress import Advance, Voice, duration
from headstart.core.stopping import Stop
from headstart.features.choice import EngineChoice
from headstart.features.decoding import Source, decode_ahead
from headstart.features.records import Row
from headstart.features.store import Store

BATCH = 4
"""Pictures handed to the engine at once; it cuts them as suits it."""
COMMIT_SECONDS = 0.5
"""How often rows are written; so much work is lost at most when a run is killed."""
TRIAL = 24
"""Pictures of the trial from which the time of the whole is estimated."""

Tags = list[tuple[str, bytes]]
Seen = Callable[[Sequence[str], NDArray[np.float32]], None]
"""Told of contents and their features as they come."""


@dataclass
class PassResult:
    """What one trunk pass did.

    Attributes:
        computed: Pictures that went through the trunk here.
        seconds: Wall seconds from the first result to the last.
        unreadable: Reason by content, of pictures that could not be read.
    """

    computed: int = 0
    seconds: float = 0.0
    unreadable: dict[str, str] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Pictures per second."""
        return self.computed / self.seconds if self.seconds else 0.0


def run_pass(
    missing: Mapping[str, Source],
    choice: EngineChoice,
    store: Store,
    *,
    strict: bool,
    voice: Voice,
    ordered: bool = False,
    stop: Stop | None = None,
    seen: Seen | None = None,
) -> PassResult:
    """Runs the trunk over pictures that the store lacks, and keeps their features.

    Args:
        missing: A source for each content that is missing.
        choice: Maker and engine.
        store: Where the rows go.
        strict: Whether the first unreadable picture ends the pass.
        voice: Told the estimate and the progress.
        ordered: Whether to take them in the order given; else in one of this process's own.
        stop: Asked before each picture; once it says so, the pass ends with what is under way.
        seen: Told of features as they come.
    """
    contents = list(missing)
    if not ordered:
        # Another process with the same pictures then meets us only by chance.
        random.Random(os.getpid()).shuffle(contents)
    result = PassResult()
    engine = choice.engine()
    what = f"{choice.maker.backbone} features"
    pending: list[Row] = []
    with voice.track(what, len(contents), "pictures") as advance:
        feed = _batches(contents, missing, choice, store, result, strict, advance, stop or Stop())
        began = committed = time.perf_counter()
        first = 0
        running = engine.run(feed)
        try:
            for tags, vectors in running:
                now = time.perf_counter()
                if not result.computed:
                    # The first result carries the engine's warm-up: the rate is counted from there.
                    began, first = now, len(tags)
                pending += (Row(tag[0], vector, tag[1]) for tag, vector in zip(tags, vectors, strict=True))
                before, result.computed = result.computed, result.computed + len(tags)
                result.seconds = now - began
                advance(len(tags))
                if seen is not None:
                    seen([content for content, _ in tags], vectors)
                if before < TRIAL <= result.computed:
                    _tell_estimate(
                        choice, len(contents) - result.computed, result.computed - first, now - began, voice
                    )
                if now - committed > COMMIT_SECONDS:
                    store.put(choice.maker, pending)
                    pending, committed = [], now
        finally:
            # At once, and not when Python comes to it: requests in flight work on memory that is about to go.
            if isinstance(running, Generator):
                running.close()
            feed.close()
            # Also after Ctrl-C: what was computed is kept, and the next run goes on from there.
            store.put(choice.maker, pending)
    return result


def _batches(
    contents: Sequence[str],
    missing: Mapping[str, Source],
    choice: EngineChoice,
    store: Store,
    result: PassResult,
    strict: bool,
    advance: Advance,
    stop: Stop,
) -> Generator[tuple[Tags, NDArray[np.uint8]], None, None]:
    """Stacks decoded pictures into batches, and notes those that cannot be read."""
    from headstart.features.strict import stop_at

    sources = [missing[content] for content in contents]
    attempts = decode_ahead(
        sources,
        range(len(sources)),
        choice.maker.recipe,
        wanted=lambda index: not store.has(choice.maker, contents[index]),
    )
    tags: Tags = []
    pixels: list[NDArray[np.uint8]] = []
    for attempt in attempts:
        if stop.asked:
            break
        if attempt.reason is not None:
            result.unreadable[contents[attempt.index]] = attempt.reason
            if strict:
                stop_at(sources[attempt.index], attempt.reason)
        if attempt.decoded is None:
            advance(1)
            continue
        tags.append((contents[attempt.index], attempt.decoded.fingerprint))
        pixels.append(attempt.decoded.pixels)
        if len(pixels) == BATCH:
            yield tags, np.stack(pixels)
            tags, pixels = [], []
    attempts.close()
    if pixels:
        yield tags, np.stack(pixels)


def _tell_estimate(choice: EngineChoice, left: int, done: int, seconds: float, voice: Voice) -> None:
    if left <= 0 or seconds <= 0 or done <= 0:
        return
    rate = done / seconds
    voice.say(
        f"{left:,} pictures more through {choice.maker.backbone}: about {duration(left / rate)}"
        f" ({rate:,.0f} pictures a second, {choice.maker.engine} {choice.maker.precision})"
    )
