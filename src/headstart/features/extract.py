"""Each picture through the trunk once: what the store has is taken, the rest is computed and kept.

files --hash--> contents --store.have--> missing --trunk_pass--> store --store.get--> Features
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headstart.backbones import Trunk
from headstart.core.errors import PicturesError, StoreError
from headstart.core.progress import Silence, Voice
from headstart.core.rows import block_rows
from headstart.features.choice import EngineChoice, choose_engine
from headstart.features.decoding import Source, content_of
from headstart.features.plan import Plan
from headstart.features.quantised import choose_int8
from headstart.features.records import Features
from headstart.features.store import Store
from headstart.features.strict import stop_at
from headstart.features.table import new_table, rearranged
from headstart.features.trunk_pass import run_pass
from headstart.pictures import Unreadable
from headstart.pictures.records import Skipped

SHOWN = 16
"""Blocks of stored features that are shown to a plan's watch at once."""


def extract(
    sources: Sequence[Source],
    trunk: Trunk,
    store: Store,
    *,
    engine: str = "openvino",
    precision: str = "auto",
    strict: bool = False,
    voice: Voice | None = None,
    plan: Plan | None = None,
    graphs: Path | None = None,
) -> Features:
    """Computes the features of pictures, or finds them in the store.

    Args:
        sources: n picture files, or the contents of such.
        trunk: The frozen part of the network, from raw RGB to a feature.
        store: Where features are looked for and kept.
        engine: 'openvino' or 'keras'.
        precision: 'auto', 'f32', 'bf16' or 'int8'; or the name of a quantised graph, as a Maker has it.
        strict: Whether a picture that cannot be read is an error instead of being left out.
        voice: Told the estimate, the progress and what was wrong.
        plan: In which order, and when to stop; None for all of them in any order.
        graphs: Folder of a quantised graph that is named; None is the store's own.

    Raises:
        PicturesError: If no picture can be read, or with `strict` if one cannot.
        EngineError: If the engine cannot run the trunk, or int8 gains nothing.
        StoreError: If the store cannot be written.
    """
    voice = voice or Silence()
    contents, reasons = _hash_all(sources, strict)
    plan = plan or Plan()
    index_of: dict[str, int] = {}
    for index in plan.order or range(len(sources)):
        content = contents[index]
        if content is not None:
            index_of.setdefault(content, index)
    source_of = {content: sources[index] for content, index in index_of.items()}
    # Tried on the first pictures as given: the choice must not hang on the order of computing.
    first = {c: s for c, s in zip(contents, sources, strict=True) if c is not None}
    if precision == "int8":
        eligible = {c: sources[i] for i in plan.calibrate if (c := contents[i]) is not None} or first
        choice = choose_int8(trunk, eligible, first.keys() - eligible.keys(), store, voice)
    else:
        choice = choose_engine(trunk, list(first.values()), store, engine, precision, voice, graphs)
    try:
        return _find_or_compute(
            sources, contents, reasons, source_of, index_of, choice, store, strict, voice, plan
        )
    finally:
        choice.close()


def _hash_all(sources: Sequence[Source], strict: bool) -> tuple[list[str | None], dict[int, str]]:
    """The content of each source, None where its file cannot be read, and the reasons by index."""
    contents: list[str | None] = []
    reasons: dict[int, str] = {}
    for index, source in enumerate(sources):
        try:
            contents.append(content_of(source))
        except Unreadable as error:
            contents.append(None)
            reasons[index] = str(error)
            if strict:
                stop_at(source, str(error))
    return contents, reasons


def _find_or_compute(
    sources: Sequence[Source],
    contents: Sequence[str | None],
    reasons: dict[int, str],
    source_of: dict[str, Source],
    index_of: dict[str, int],
    choice: EngineChoice,
    store: Store,
    strict: bool,
    voice: Voice,
    plan: Plan,
) -> Features:
    maker = choice.maker
    # A row for each distinct picture, in the order of the sources, whatever the order of computing.
    slots = {c: at for at, c in enumerate(dict.fromkeys(c for c in contents if c is not None))}
    marks: dict[str, bytes] = {}
    table = new_table(len(source_of), maker.width, maker.dtype.newbyteorder("="), store.folder)
    unreadable: dict[str, str] = {}
    computed, rate = 0, 0.0

    def seen(some: Sequence[str], vectors: NDArray[np.float32]) -> None:
        if plan.watch is not None:
            plan.watch([index_of[content] for content in some], vectors)

    def take_stored() -> None:
        for row in store.get(maker, list(missing())):
            table[slots[row.content]] = row.vector
            marks[row.content] = row.fingerprint

    def missing() -> dict[str, Source]:
        return {c: s for c, s in source_of.items() if c not in marks and c not in unreadable}

    take_stored()
    if plan.watch is not None:
        known, step = list(marks), SHOWN * block_rows(maker.width)
        for start in range(0, len(known), step):
            some = known[start : start + step]
            seen(some, table[[slots[content] for content in some]])
    # A second round is for rows that were put and turned out damaged when they were read.
    for _ in range(2):
        if not missing() or plan.stop.asked:
            break
        done = run_pass(
            missing(),
            choice,
            store,
            strict=strict,
            voice=voice,
            ordered=bool(plan.order),
            stop=plan.stop,
            seen=seen,
        )
        computed, rate = computed + done.computed, done.rate or rate
        unreadable |= done.unreadable
        take_stored()
    unseen = missing()
    if unseen and not plan.stop.asked:
        raise StoreError(
            "Features that were just stored must be there when they are read",
            f"{len(unseen)} of them gone or damaged again in {store.path}",
            "check that disk, or set HEADSTART_HOME to a folder on another",
        )
    kept = [index for index, content in enumerate(contents) if content in marks]
    skipped = tuple(
        Skipped(_name(sources[i], i), reasons.get(i) or unreadable[content or ""])
        for i, content in enumerate(contents)
        if content not in marks and content not in unseen
    )
    if not kept and not unseen:
        raise _none_readable(skipped)
    rows = np.array([slots[contents[index] or ""] for index in kept], np.int64)
    in_place = len(rows) == len(table) and bool((rows == np.arange(len(rows))).all())
    found = [contents[index] or "" for index in kept]
    return Features(
        matrix=table if in_place else rearranged(table, rows, store.folder),
        contents=tuple(found),
        fingerprints=tuple(marks[content] for content in found),
        kept=np.array(kept, np.int64),
        skipped=skipped,
        maker=maker,
        computed=computed,
        found=len(marks) - computed,
        rate=rate,
        notes=choice.notes,
        unseen=len(sources) - len(kept) - len(skipped),
        stopped=plan.stop.reason if unseen else "",
        trial=choice.trial,
    )


def _name(source: Source, index: int) -> Path:
    return source if isinstance(source, Path) else Path(f"picture {index}")


def _none_readable(skipped: Sequence[Skipped]) -> PicturesError:
    first = f"; the first is {skipped[0].path} ({skipped[0].reason})" if skipped else ""
    return PicturesError(
        "At least one picture must be readable",
        f"{len(skipped)} files and none of them readable{first}",
        "give JPEG, PNG, WebP, BMP, GIF, TIFF or AVIF files",
    )
