"""Twins are found once for the same pictures and features, and again for any others."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart.features.records import Features
from headstart.pictures import TwinPair
from headstart.runs import twins


def _features(seed: int = 0) -> Features:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(30, 16)).astype(np.float32)
    looks = [rng.integers(0, 255, 256, np.uint8).tobytes() for _ in range(30)]
    contents = [f"{i:064x}" for i in range(30)]
    contents[7], matrix[7], looks[7] = contents[3], matrix[3], looks[3]
    return replace(_empty(), matrix=matrix, contents=tuple(contents), fingerprints=tuple(looks))


def _empty() -> Features:
    fields = dict.fromkeys(Features.__dataclass_fields__)
    return Features(**fields)  # type: ignore[arg-type]


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    made: list[int] = []
    find = twins.find_twins

    def counted(*arguments: object) -> tuple[TwinPair, ...]:
        made.append(1)
        return find(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(twins, "find_twins", counted)
    return made


def test_the_same_pictures_are_searched_once(tmp_path: Path, searches: list[int]) -> None:
    found = twins.twins_of(_features(), tmp_path)
    assert [(p.first, p.second, p.kind) for p in found] == [(3, 7, "identical")]
    assert twins.twins_of(_features(), tmp_path) == found
    assert len(searches) == 1


def test_other_features_are_searched_anew(tmp_path: Path, searches: list[int]) -> None:
    twins.twins_of(_features(), tmp_path)
    other = _features()
    twins.twins_of(replace(other, matrix=other.matrix + np.float32(1e-3)), tmp_path)
    assert len(searches) == 2


@pytest.mark.parametrize(
    "pairs", [None, [[3, 7, "identical"]], [[7, 3, "identical", 1.0]], [[3, 99, "identical", 1.0]]]
)
def test_what_was_damaged_is_searched_anew(tmp_path: Path, searches: list[int], pairs: object) -> None:
    found = twins.twins_of(_features(), tmp_path)
    (file,) = (tmp_path / "outcomes").iterdir()
    kept = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**kept, "outcome": {"pairs": pairs}}), encoding="utf-8")
    assert twins.twins_of(_features(), tmp_path) == found
    assert len(searches) == 2
