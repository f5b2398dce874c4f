"""The small parts of `fit` by themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core import backend
from headstart.core.progress import Silence
from headstart.features.records import Maker
from headstart.features.store import Store
from headstart.frozen.bank import Bank, Layout
from headstart.frozen.keys import of_trunk
from headstart.frozen.streams import KeptViews, Watch
from headstart.pictures.records import Recipe

keras = backend.ensure()
L = keras.layers


class Plain:
    """A source of features that needs no choice."""

    batch = 32

    def __init__(self, run, maker):
        self.compute, self.maker = run, maker

    def settle(self, arrays):
        return self.maker

    def engine(self, arrays):
        return self


@given(
    st.lists(st.lists(st.integers(1, 3), max_size=3).map(tuple), min_size=1, max_size=3).map(tuple),
    st.integers(0, 4),
)
def test_a_row_holds_all_cut_tensors(shapes, n):
    layout = Layout(shapes, ("float32", "float16", "float32")[: len(shapes)])
    random = np.random.default_rng(0)
    tensors = [
        random.normal(size=(n, *shape)).astype(t) for shape, t in zip(shapes, layout.dtypes, strict=True)
    ]
    rows = layout.pack(tensors)
    assert rows.shape == (n, layout.width)
    for given_back, tensor in zip(layout.unpack(rows), tensors, strict=True):
        np.testing.assert_array_equal(given_back, tensor)
        assert given_back.dtype == tensor.dtype


@given(
    st.integers(1, 3),
    st.lists(st.integers(0, 9), min_size=1, max_size=30),
    st.integers(1, 8),
)
def test_a_sample_is_computed_once_whatever_the_batches(tmp_path_factory, samples, numbers, batch):
    ran = []

    def run(arrays):
        ran.extend(arrays[0][:, 0].tolist())
        return [arrays[0] * 2]

    maker = Maker("t", "b", samples, Recipe(0, 0, "as given"), "keras", "f32")
    x = np.repeat(np.array(numbers, np.float32)[:, np.newaxis], samples, axis=1)
    folder = tmp_path_factory.mktemp("store")
    with Store(folder) as store:
        for _ in range(2):
            bank = Bank(Plain(run, maker), Layout(((samples,),), ("float32",)), store)
            for start in range(0, len(x), batch):
                np.testing.assert_array_equal(
                    bank.matrix([x[start : start + batch]]), 2 * x[start : start + batch]
                )
        bank = Bank(Plain(run, maker), Layout(((samples,),), ("float32",)), store)
        np.testing.assert_array_equal(bank.matrix([x], "all"), 2 * x)
    assert sorted(ran) == sorted(set(numbers))


@pytest.mark.parametrize("endless", [False, True])
@pytest.mark.parametrize("known", [False, True])
@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 9))
def test_kept_views_come_again_and_no_new_ones(known, endless, views, length, epochs):
    if endless and not known:
        return
    made = []

    def batches():
        while True:
            for at in range(length):
                made.append(at)
                yield (len(made), at)
            if not endless:
                return

    kept = KeptViews(views, length if known else None, endless)
    seen: list[list[tuple[int, int]]] = []
    iterator = kept.over(batches())
    for _ in range(epochs):
        if not endless:
            iterator = kept.over(batches())
        seen.append([next(iterator) for _ in range(length)] if known else list(iterator))
    for number, epoch in enumerate(seen):
        assert sorted(at for _, at in epoch) == list(range(length))
        if number >= views:
            assert sorted(epoch) == sorted(seen[number % views])
    assert len(made) <= views * length + 1


def test_a_stream_is_judged_after_one_pass_and_enough_samples():
    bank = Bank(Plain(lambda arrays: list(arrays), None), Layout(((1,),), ("float32",)), None)
    watch = Watch(bank, Silence(), pass_batches=3)
    for _ in range(4):
        watch.saw(16, 16)
    assert bank.keep, "the first pass is new to everyone"
    watch.saw(16, 16)
    assert bank.keep, "sixteen are too few"
    watch.saw(16, 16)
    assert not bank.keep


def trunk(names=("a", "b"), units=4, value=0.5):
    entry = keras.Input((3,), name=names[0])
    layer = L.Dense(units, name=names[1], trainable=False)
    model = keras.Model(entry, keras.ops.tanh(layer(entry)))
    layer.set_weights([np.full((3, units), value, "float32"), np.zeros(units, "float32")])
    return model


def test_a_key_is_of_what_is_computed_and_not_of_names():
    assert of_trunk(trunk()) == of_trunk(trunk(("c", "d")))
    assert of_trunk(trunk()) != of_trunk(trunk(value=0.6))
    assert of_trunk(trunk()) != of_trunk(trunk(units=5))


def test_a_key_knows_the_order_of_operations_and_wrapping_does_not_matter():
    entry = keras.Input((3,))
    one = keras.Model(entry, L.ReLU()(L.Rescaling(2.0)(entry)))
    other = keras.Model(entry, L.Rescaling(2.0)(L.ReLU()(entry)))
    assert of_trunk(one) != of_trunk(other)
    assert of_trunk(keras.Model(entry, one(entry))) == of_trunk(one)


def test_a_key_of_an_own_layer_reads_its_code_or_is_none():
    class Twice(L.Layer):
        def call(self, x):
            return x * 2

    class Thrice(L.Layer):
        def call(self, x):
            return x * 3

    Thrice.__qualname__, Thrice.__name__ = Twice.__qualname__, Twice.__name__
    keys = [of_trunk(keras.Sequential([keras.Input((3,)), layer(name="l")])) for layer in (Twice, Thrice)]
    assert keys[0] != keys[1]
    space: dict[str, object] = {"L": L}
    exec("class Hidden(L.Layer):\n    def call(self, x):\n        return x * 4\n", space)
    assert of_trunk(keras.Sequential([keras.Input((3,)), space["Hidden"]()])) is None
