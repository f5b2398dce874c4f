"""Scaling, and its folding into the layer that follows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import StandardScaler

from headstart.heads.standardise import measure_scaling


@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.integers(1, 9), st.integers(1, 5))
def test_folding_does_to_raw_features_what_the_layer_does_to_scaled_ones(
    seed: int, n: int, width: int, units: int
) -> None:
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(n, width)) * 10.0 ** rng.uniform(-3, 3, width) + rng.normal(size=width)).astype(
        np.float32
    )
    kernel, bias = rng.normal(size=(width, units)), rng.normal(size=units)
    scaling = measure_scaling(x)
    folded_kernel, folded_bias = scaling.fold(kernel, bias)
    assert folded_kernel.dtype == folded_bias.dtype == np.float32
    expected = (x - scaling.mean) / scaling.deviation @ kernel + bias
    found = x.astype(np.float64) @ folded_kernel.astype(np.float64) + folded_bias
    # Rounding of the folded weights to float32 is all that may differ.
    size = np.abs(x) @ np.abs(folded_kernel) + np.abs(folded_bias)
    assert (np.abs(found - expected) <= 3e-7 * size + 1e-6).all()


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100.0), st.floats(-100.0, 100.0))
def test_scale_and_offset_of_the_features_do_not_matter(seed: int, scale: float, offset: float) -> None:
    x = np.random.default_rng(seed).normal(size=(30, 4))
    moved = (x * scale + offset * scale).astype(np.float32)
    np.testing.assert_allclose(
        measure_scaling(moved).apply(moved),
        measure_scaling(x.astype(np.float32)).apply(x.astype(np.float32)),
        atol=1e-3,
    )


def test_equals_scikit_learns_scaler() -> None:
    x = np.random.default_rng(0).normal(3, 20, (50, 7)).astype(np.float32)
    expected = StandardScaler().fit_transform(x.astype(np.float64))
    np.testing.assert_allclose(measure_scaling(x).apply(x), expected, atol=1e-5)


def test_a_constant_feature_becomes_zero_and_no_noise() -> None:
    x = np.random.default_rng(0).normal(size=(100, 4)).astype(np.float32)
    x[:, 0] = 0.0
    x[:, 1] = 7.3
    # Constant but for the last bit, as sums in another order make it.
    x[:, 2] = np.where(np.arange(100) % 2, np.float32(0.1), np.nextafter(np.float32(0.1), np.float32(1)))
    scaling = measure_scaling(x)
    assert (scaling.deviation[:3] == 1.0).all()
    assert np.abs(scaling.apply(x)[:, :3]).max() < 1e-6
    assert scaling.apply(x)[:, 3].std() > 0.99


def test_a_small_feature_beside_a_huge_one_still_counts() -> None:
    x = np.random.default_rng(0).normal(size=(100, 2)) * [1e9, 1e-3]
    assert np.allclose(measure_scaling(x.astype(np.float32)).apply(x.astype(np.float32)).std(axis=0), 1.0)


def test_one_row_becomes_zero() -> None:
    scaled = measure_scaling(np.ones((1, 3), np.float32)).apply(np.ones((1, 3), np.float32))
    assert (scaled == 0).all()
