"""Rows that memory should not hold lie in a file without a name, filled before it is written to."""

from __future__ import annotations

import errno
import gc
from pathlib import Path

import numpy as np
import pytest

from headstart.core import rows as limits
from headstart.core.errors import StoreError
from headstart.features import table
from headstart.features.table import new_table, rearranged

F32, F16 = np.dtype(np.float32), np.dtype(np.float16)


def test_a_small_table_and_maps_are_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not isinstance(new_table(10, 10, F32, tmp_path), np.memmap)
    monkeypatch.setattr(limits, "HELD", 99)
    assert not isinstance(new_table(10, 10, F16, tmp_path), np.memmap)
    assert isinstance(new_table(10, 10, F32, tmp_path), np.memmap)


def test_a_large_one_holds_what_was_written_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "HELD", 99)
    monkeypatch.setattr(limits, "BLOCK", 70)
    x = np.random.default_rng(0).normal(size=(400, 10)).astype(np.float32)
    made = new_table(400, 10, F32, tmp_path)
    assert (made == 0).all()
    made[:] = x
    order = np.random.default_rng(1).integers(0, 400, 500)
    other = rearranged(made, order, tmp_path)
    assert isinstance(other, np.memmap)
    assert (other == x[order]).all()
    view = made[3:7]
    del made, other
    gc.collect()
    assert (view == x[3:7]).all()
    del view
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(limits, "HELD", 99)
    monkeypatch.setattr(table, "_fill", full)
    with pytest.raises(StoreError, match=r"No space left on device.*HEADSTART_HOME"):
        new_table(100, 10, F32, tmp_path)
