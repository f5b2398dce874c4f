"""Features as bytes: nothing is lost but float16's digits, and damage is noticed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.features.packing import HIGHEST, LARGE, pack, unpack

F32, F16 = np.dtype("<f4"), np.dtype("<f2")


@given(st.integers(1, 2 * LARGE), st.floats(0, 1), st.sampled_from([F32, F16]), st.integers(0, 99))
def test_what_is_packed_comes_back(width: int, zeros: float, dtype: np.dtype, seed: int) -> None:
    draw = np.random.default_rng(seed)
    feature = np.where(draw.random(width) < zeros, 0, draw.normal(size=width)).astype(np.float32)
    found = unpack(pack(feature, dtype), width, dtype)
    assert found is not None
    np.testing.assert_array_equal(found, feature.astype(dtype))


def test_maps_of_zeros_take_less_room_and_vectors_stay_plain() -> None:
    draw = np.random.default_rng(0)
    sparse = np.maximum(draw.normal(-1, 1, 2 * LARGE), 0).astype(np.float32)
    assert len(pack(sparse, F16)) < 0.75 * 2 * sparse.size
    assert len(pack(sparse, F32)) == 4 * sparse.size


def test_what_float16_cannot_hold_is_held_at_its_end() -> None:
    found = unpack(pack(np.array([1e9, -1e9, 1.0], np.float32), F16), 3, F16)
    assert found is not None
    assert found.tolist() == [HIGHEST, -HIGHEST, 1.0]


@pytest.mark.parametrize("data", [b"", b"12345", bytes(7), bytes(9)])
def test_other_bytes_are_no_feature(data: bytes) -> None:
    assert unpack(data, 4, F16) is None
