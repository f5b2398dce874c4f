"""The channels-first pass operation by operation, on graphs built by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from headstart.engines.openvino.channels_first import rewrite, transposes
from headstart.engines.openvino.channels_first.laid import identity, inverse, then

from . import networks

NHWC, NCHW = [0, 2, 3, 1], [0, 3, 1, 2]
H, W, C = 6, 5, 4
Build = Callable[[ov.Node], ov.Node]


def f32(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.5, 2, shape).astype(np.float32)


def sandwich(build: Build, back: bool = True) -> ov.Model:
    """Channels-first input, as a convolution gives it, turned to channels-last, built on, and turned back."""
    parameter = ops.parameter([1, C, H, W], np.float32)
    result = build(ops.transpose(parameter, np.array(NHWC)))
    return ov.Model([ops.transpose(result, np.array(NCHW)) if back else result], [parameter])


def check(build: Build, left: int = 0, back: bool = True) -> ov.Model:
    graph = sandwich(build, back)
    rewritten = rewrite(graph)
    value = f32(1, C, H, W, seed=7)
    (expected,), (found,) = networks.outputs(graph, value), networks.outputs(rewritten, value)
    assert networks.apart(expected, found) <= 1e-6
    assert transposes(rewritten) == left
    return rewritten


@pytest.mark.parametrize(
    "shape", [(), (1,), (C,), (1, C), (W, 1), (H, W, C), (H, 1, 1), (1, 1, 1, C), (1, H, W, C), (1, H, 1, 1)]
)
@pytest.mark.parametrize("operation", [ops.add, ops.multiply, ops.subtract, ops.power, ops.maximum])
def test_constants_of_any_rank_broadcast_as_before(
    shape: tuple[int, ...], operation: Callable[..., ov.Node]
) -> None:
    check(lambda x: operation(x, ops.constant(f32(*shape))))
    check(lambda x: operation(ops.constant(f32(*shape)), x))


def test_a_constant_of_higher_rank_still_comes_out_right() -> None:
    parameter = ops.parameter([H, C], np.float32)
    turned = ops.transpose(parameter, np.array([1, 0]))
    graph = ov.Model([ops.add(turned, ops.constant(f32(2, C, H)))], [parameter])
    value = f32(H, C)
    (expected,), (found,) = networks.outputs(graph, value), networks.outputs(rewrite(graph), value)
    np.testing.assert_array_equal(expected, found)


@pytest.mark.parametrize(
    "activation",
    [ops.relu, ops.sigmoid, ops.tanh, ops.swish, ops.hswish, ops.exp, lambda x: ops.clamp(x, 0.7, 1.1),
     lambda x: ops.elu(x, 0.3), lambda x: ops.gelu(x, "erf"), lambda x: ops.convert(x, "f32")],
)  # fmt: skip
def test_activations(activation: Build) -> None:
    check(activation)


@pytest.mark.parametrize("mode", ["constant", "edge", "reflect"])
def test_padding(mode: str) -> None:
    check(lambda x: ops.pad(x, np.array([0, 1, 2, 0]), np.array([0, 3, 0, 1]), mode, np.float32(0.5)))


@pytest.mark.parametrize("axis", [1, 2, 3, -1])
def test_concatenation_and_split(axis: int) -> None:
    check(lambda x: ops.concat([x, ops.relu(x), ops.exp(x)], axis))
    axes = {1: 2, 2: None, 3: 2, -1: 2}
    if axes[axis]:
        check(lambda x: ops.concat([ops.split(x, axis, 2).output(1), ops.split(x, axis, 2).output(0)], axis))


@pytest.mark.parametrize("axes", [[1, 2], [-3, -2], [3], [1], [1, 2, 3], [0, 3]])
@pytest.mark.parametrize("keep", [True, False])
def test_reductions(axes: list[int], keep: bool) -> None:
    for reduce in (ops.reduce_mean, ops.reduce_max, ops.reduce_sum):
        # Without the height alone, (width, channels) are still to be turned.
        left = 1 if axes == [1] and not keep else 0
        check(lambda x, reduce=reduce: reduce(x, np.array(axes), keep), left, back=keep)


def test_a_global_mean_ends_the_debt() -> None:
    check(lambda x: ops.reduce_mean(x, np.array([1, 2]), False), back=False)


def test_squeeze_and_excite_in_both_spellings() -> None:
    kernel = ops.constant(f32(C, C, 1, 1))

    def gate(pooled: ov.Node) -> ov.Node:
        turned = ops.transpose(pooled, np.array(NCHW))
        made = ops.convolution(turned, kernel, [1, 1], [0, 0], [0, 0], [1, 1])
        return ops.sigmoid(ops.transpose(made, np.array(NHWC)))

    kept = check(lambda x: ops.multiply(x, gate(ops.reduce_mean(x, np.array([1, 2]), True))))
    shape = np.array([1, 1, 1, C])
    reshaped = check(
        lambda x: ops.multiply(
            x, gate(ops.reshape(ops.reduce_mean(x, np.array([1, 2]), False), shape, False))
        )
    )
    for graph in (kept, reshaped):
        assert "Convolution" in {node.get_type_name() for node in graph.get_ops()}


def test_slices() -> None:
    check(lambda x: ops.slice(x, np.array([1]), np.array([5]), np.array([2]), np.array([1])))
    check(lambda x: ops.slice(x, np.array([1, 0]), np.array([5, 3]), np.array([1, 1]), np.array([2, 3])))
    check(lambda x: ops.slice(x, np.array([-1]), np.array([-5]), np.array([-1]), np.array([-1])))
    check(lambda x: ops.slice(x, np.array([0, 1, 2]), np.array([1, 5, 4]), np.array([1, 1, 1])))


def test_strided_slices() -> None:
    check(
        lambda x: ops.strided_slice(
            x,
            np.array([0, 1, 1, 0]),
            np.array([0, 5, 0, 0]),
            np.array([1, 2, 1, 1]),
            [1, 0, 0, 1],
            [1, 0, 1, 1],
        )
    )
    check(
        lambda x: ops.strided_slice(x, np.array([0, 2]), np.array([1, 6]), np.array([1, 1]), [0, 0], [0, 0])
    )


def test_a_strided_slice_that_drops_an_axis_keeps_its_transpose() -> None:
    parameter = ops.parameter([1, C, H, W], np.float32)
    turned = ops.transpose(parameter, np.array(NHWC))
    cut = ops.strided_slice(
        turned, np.array([0, 2]), np.array([0, 3]), np.array([1, 1]), [1, 0], [1, 0], shrink_axis_mask=[0, 1]
    )
    graph = ov.Model([cut], [parameter])
    value = f32(1, C, H, W)
    (expected,), (found,) = networks.outputs(graph, value), networks.outputs(rewrite(graph), value)
    np.testing.assert_array_equal(expected, found)


def test_a_swap_of_channels() -> None:
    check(lambda x: ops.gather(x, np.array([3, 1, 0, 2]), np.array(3)))


@pytest.mark.parametrize("axis", [1, 3, -1])
def test_softmax(axis: int) -> None:
    check(lambda x: ops.softmax(x, axis))


def test_batch_normalisation_as_keras_wraps_it() -> None:
    swap = np.array([0, 3, 2, 1])

    def normalised(x: ov.Node) -> ov.Node:
        scale, shift, mean = (ops.constant(f32(C, seed=seed)) for seed in (1, 2, 3))
        made = ops.batch_norm_inference(
            ops.transpose(x, swap), scale, shift, mean, ops.constant(f32(C)), 1e-3
        )
        return ops.relu(ops.transpose(made, swap))

    check(normalised)


def test_layer_norm_and_dense_on_channels() -> None:
    def block(x: ov.Node) -> ov.Node:
        centred = ops.subtract(x, ops.reduce_mean(x, np.array([3]), True))
        variance = ops.reduce_mean(ops.multiply(centred, centred), np.array([3]), True)
        normed = ops.divide(centred, ops.sqrt(ops.add(variance, ops.constant(np.float32(1e-6)))))
        wide = ops.matmul(normed, ops.constant(f32(C, 7)), False, False)
        back = ops.matmul(ops.gelu(wide, "erf"), ops.constant(f32(C, 7)), False, True)
        return ops.add(x, back)

    check(block)


def test_upsampling() -> None:
    check(
        lambda x: ops.interpolate(
            x, np.array([2 * H, 3 * W]), "nearest", "sizes", axes=np.array([1, 2])
        )
    )  # fmt: skip


def test_two_branches_share_one_payment() -> None:
    def build(x: ov.Node) -> ov.Node:
        # Neither CumSum nor its axis is known to the pass, so the value is paid for, once.
        a, b = ops.cum_sum(x, np.array(1)), ops.cum_sum(ops.relu(x), np.array(2))
        return ops.add(a, b)

    rewritten = check(build, left=3)
    assert transposes(rewritten) < transposes(sandwich(build)) + 2


def test_flatten_keeps_the_exported_order() -> None:
    check(lambda x: ops.reshape(x, np.array([1, H * W * C]), False), left=1, back=False)


def test_an_unknown_operation_keeps_the_graph_right() -> None:
    check(lambda x: ops.cum_sum(x, np.array(3)), left=2)


def test_both_operands_may_owe_different_transposes() -> None:
    parameter = ops.parameter([1, 5, 5, 5], np.float32)
    graph = ov.Model(
        [ops.add(ops.transpose(parameter, np.array(NHWC)), ops.transpose(parameter, np.array([0, 3, 2, 1])))],
        [parameter],
    )
    value = f32(1, 5, 5, 5)
    (expected,), (found,) = networks.outputs(graph, value), networks.outputs(rewrite(graph), value)
    np.testing.assert_array_equal(expected, found)


def test_orders_form_a_group() -> None:
    rng = np.random.default_rng(0)
    x = f32(2, 3, 4, 5)
    for _ in range(20):
        a, b = (tuple(int(i) for i in rng.permutation(4)) for _ in range(2))
        np.testing.assert_array_equal(x.transpose(a).transpose(b), x.transpose(then(a, b)))
        assert then(a, inverse(a)) == then(inverse(a), a) == identity(4)
