"""Multiply-adds, counted by hand."""

from __future__ import annotations

from typing import Any

import pytest

from headstart.backbones.arithmetic import count_multiply_adds


def test_each_kind_of_layer_counts_as_by_hand(keras: Any) -> None:
    layers = keras.layers
    cases = [
        (layers.Conv2D(8, 3, padding="same"), (10, 10, 4), 10 * 10 * 9 * 4 * 8),
        (layers.Conv2D(8, 3, strides=2, padding="valid"), (9, 9, 4), 4 * 4 * 9 * 4 * 8),
        (layers.Conv2D(8, 3, groups=4, padding="same"), (10, 10, 4), 10 * 10 * 9 * 1 * 8),
        (layers.DepthwiseConv2D(3, padding="same"), (10, 10, 4), 10 * 10 * 9 * 4),
        (layers.SeparableConv2D(8, 3, padding="same"), (10, 10, 4), 100 * (9 * 4 + 4 * 8)),
        (layers.Conv2DTranspose(8, 2, strides=2), (5, 5, 4), 25 * 4 * 4 * 8),
        (layers.Conv1D(8, 3, padding="same"), (10, 4), 10 * 3 * 4 * 8),
        (layers.Dense(7), (5,), 35),
        (layers.Dense(7), (3, 4, 5), 3 * 4 * 35),
        (layers.EinsumDense("abc,cd->abd", output_shape=(None, 7)), (6, 5), 6 * 35),
        (layers.ReLU(), (10, 10, 4), 0),
        (layers.BatchNormalization(), (10, 10, 4), 0),
    ]
    for layer, shape, expected in cases:
        model = keras.Sequential([keras.Input(shape), layer])
        assert count_multiply_adds(model) == expected, layer


def test_a_shared_layer_counts_each_time(keras: Any) -> None:
    dense, inputs = keras.layers.Dense(5), keras.Input((5,))
    assert count_multiply_adds(keras.Model(inputs, dense(dense(inputs)))) == 50


def test_a_nested_model_counts_at_the_size_of_its_call(keras: Any) -> None:
    open_input = keras.Input((None, None, 3))
    inner = keras.Model(open_input, keras.layers.Conv2D(2, 1)(open_input))
    outer = keras.Sequential([keras.Input((4, 5, 3)), inner, keras.layers.GlobalAveragePooling2D()])
    assert count_multiply_adds(outer) == 4 * 5 * 6
    assert count_multiply_adds(inner, (2, 2, 3)) == 24


def test_an_open_size_is_an_error(keras: Any) -> None:
    inputs = keras.Input((None, None, 3))
    with pytest.raises(ValueError, match="input_shape"):
        count_multiply_adds(keras.Model(inputs, keras.layers.Conv2D(2, 1)(inputs)))


def test_several_inputs(keras: Any) -> None:
    first, second = keras.Input((3,)), keras.Input((4,))
    joined = keras.layers.Concatenate()([first, second])
    assert count_multiply_adds(keras.Model([first, second], keras.layers.Dense(2)(joined))) == 14


def test_counting_changes_nothing(keras: Any) -> None:
    inputs = keras.Input((3,))
    model = keras.Model(inputs, keras.layers.Dense(2)(inputs))
    before = model.to_json()
    count_multiply_adds(model)
    assert model.to_json() == before
