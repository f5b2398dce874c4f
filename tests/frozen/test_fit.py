"""`headstart.fit` against `model.fit`: same state, same order of batches, same everything afterwards."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from headstart.core import backend
from headstart.frozen import fit

keras = backend.ensure()
L = keras.layers
pytestmark = [pytest.mark.gradients, pytest.mark.usefixtures("trainable_here")]

SIDE, N, CLASSES = 10, 70, 3
X = np.random.default_rng(0).normal(size=(N, SIDE, SIDE, 3)).astype("float32")
Y = np.random.default_rng(1).integers(0, CLASSES, N)
W = np.random.default_rng(2).uniform(0.5, 2, N).astype("float32")


@pytest.fixture
def make(make_frozen):
    def build(optimizer="sgd", **how):
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [
                keras.Input((SIDE, SIDE, 3)),
                make_frozen(),
                L.GlobalAveragePooling2D(),
                L.Dense(8, activation="tanh", kernel_regularizer="l2"),
                L.BatchNormalization(),
                L.Dropout(0.5),
                L.Dense(CLASSES, activation="softmax"),
            ]
        )
        if optimizer == "sgd":
            optimizer = keras.optimizers.SGD(0.1, momentum=0.9)
        model.compile(
            optimizer,
            "sparse_categorical_crossentropy",
            metrics=["accuracy"],
            weighted_metrics=["accuracy"],
            **how,
        )
        return model

    return build


def values(variables):
    return [np.asarray(keras.ops.convert_to_numpy(variable), dtype=np.float64) for variable in variables]


def same(plain, ours, tolerance=2e-4):
    """Both models and histories agree, and something was learned at all."""
    (one, told), (other, also) = plain, ours
    assert told.history.keys() == also.history.keys()
    assert told.epoch == also.epoch
    for name in told.history:
        np.testing.assert_allclose(also.history[name], told.history[name], atol=tolerance, err_msg=name)
    for kind in ("weights", "non_trainable_variables"):
        for a, b in zip(values(getattr(one, kind)), values(getattr(other, kind)), strict=True):
            np.testing.assert_allclose(b, a, atol=tolerance)
    assert int(one.optimizer.iterations) == int(other.optimizer.iterations) > 0
    for a, b in zip(values(one.optimizer.variables), values(other.optimizer.variables), strict=True):
        np.testing.assert_allclose(b, a, atol=tolerance)
    assert other.history is also
    assert "call" not in vars(other), "the model is as it was"


def run_both(make, data, **how):
    out = []
    for train in (lambda model, *given, **kw: model.fit(*given, **kw), fit):
        model = make()
        x, y, more = data()
        keras.utils.set_random_seed(5)
        history = train(model, x, y, epochs=3, verbose=0, **{**how, **more})
        out.append((model, history))
    same(*out)
    return out[1][1].headstart


def arrays():
    return X, Y, {}


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"batch_size": 16, "validation_split": 0.2},
        {"batch_size": 16, "class_weight": {0: 1.0, 1: 3.0, 2: 0.5}, "validation_data": (X[:20], Y[:20])},
        {"sample_weight": W, "validation_data": (X[:20], Y[:20], W[:20]), "validation_batch_size": 7},
        {"shuffle": False, "initial_epoch": 1},
        {"batch_size": 7, "steps_per_epoch": 3, "validation_data": (X[:20], Y[:20]), "validation_freq": 2},
    ],
)
def test_arrays(make, how):
    report = run_both(make, arrays, **how)
    assert report.computed == N
    assert report.plain is None


def test_adam_and_steps_per_execution_and_eagerly(make):
    run_both(lambda: make(run_eagerly=True), arrays, batch_size=32)
    if keras.backend.backend() != "torch":
        run_both(lambda: make(steps_per_execution=2), arrays, batch_size=16)
    run_both(lambda: make(keras.optimizers.Adam(1e-3, epsilon=1e-3)), arrays)


def test_pydataset(make):
    class Data(keras.utils.PyDataset):
        def __len__(self):
            return 5

        def __getitem__(self, at):
            return X[at * 16 : at * 16 + 16], Y[at * 16 : at * 16 + 16]

    report = run_both(make, lambda: (Data(), None, {"validation_data": Data()}), class_weight={0: 2.0})
    assert report.computed == N


def test_generator(make):
    def forever():
        while True:
            for at in range(5):
                yield X[at * 16 : at * 16 + 16], Y[at * 16 : at * 16 + 16]

    how = {"steps_per_epoch": 5, "shuffle": False}
    report = run_both(make, lambda: (forever(), None, how))
    assert report.computed == N


def test_tf_dataset(make):
    tf = pytest.importorskip("tensorflow")

    def data():
        whole = tf.data.Dataset.from_tensor_slices((X, Y))
        held = whole.take(20).batch(8)
        return whole.shuffle(N, seed=3).batch(16), None, {"shuffle": False, "validation_data": held}

    report = run_both(make, data)
    assert report.computed == N


def test_torch_loader(make):
    torch = pytest.importorskip("torch")

    def data():
        whole = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
        return torch.utils.data.DataLoader(whole, batch_size=16, shuffle=True), None, {"shuffle": False}

    report = run_both(make, data)
    assert report.computed == N


def test_two_inputs_by_name_and_two_outputs(make_frozen):
    extra = np.random.default_rng(3).normal(size=(N, 2)).astype("float32")

    def build():
        keras.utils.set_random_seed(1)
        picture, more = keras.Input((SIDE, SIDE, 3), name="picture"), keras.Input((2,), name="more")
        x = L.GlobalAveragePooling2D()(make_frozen()(picture))
        x = L.Dropout(0.2)(L.Concatenate()([x, L.Dense(2)(more)]))
        outputs = {"kind": L.Dense(CLASSES, name="kind")(x), "size": L.Dense(1, name="size")(x)}
        model = keras.Model({"picture": picture, "more": more}, outputs)
        losses = {"kind": keras.losses.SparseCategoricalCrossentropy(from_logits=True), "size": "mse"}
        model.compile("sgd", losses, loss_weights={"kind": 1.0, "size": 0.3}, metrics={"kind": ["accuracy"]})
        return model

    def data():
        return {"picture": X, "more": extra}, {"kind": Y, "size": extra[:, :1]}, {"validation_split": 0.2}

    report = run_both(build, data)
    assert [cut.raw for cut in report.boundary.cuts] == [False, True]


def test_second_call_finds_everything_even_under_other_names(make):
    first = fit(make(), X, Y, verbose=0).headstart
    second = fit(make(), X, Y, verbose=0).headstart
    assert (first.computed, first.found) == (N, 0)
    assert (second.computed, second.found) == (0, N)
    model = make()
    layer = model.layers[0].get_layer("first")
    layer.kernel.assign(layer.kernel + 0.01)
    assert fit(model, X, Y, verbose=0).headstart.computed == N, "other weights are another trunk"


def test_the_same_picture_twice_is_computed_once(make):
    report = fit(make(), np.concatenate([X, X[:30]]), np.concatenate([Y, Y[:30]]), verbose=0).headstart
    assert report.computed == N


def test_going_on_where_it_was(make):
    whole = make()
    fit(whole, X, Y, epochs=4, shuffle=False, verbose=0)
    parts = make()
    fit(parts, X, Y, epochs=2, shuffle=False, verbose=0)
    history = fit(parts, X, Y, epochs=4, initial_epoch=2, shuffle=False, verbose=0)
    assert history.epoch == [2, 3]
    for a, b in zip(values(whole.weights), values(parts.weights), strict=True):
        np.testing.assert_allclose(b, a, atol=1e-5)


def test_thawing_and_compiling_again_moves_the_boundary(make):
    model = make()
    fit(model, X, Y, epochs=1, verbose=0)
    base = model.layers[0]
    before = values(base.get_layer("second").weights)
    base.trainable = True
    for layer in base.layers[:-1]:
        layer.trainable = False
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy")
    report = fit(model, X, Y, epochs=1, verbose=0).headstart
    assert report.boundary.cuts[0].source == "bend"
    assert np.abs(values(base.get_layer("second").weights)[0] - before[0]).max() > 1e-6


def test_plain_training_says_why(make_base, caplog):
    model = keras.Sequential([make_base(), L.Flatten(), L.Dense(CLASSES, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with caplog.at_level(logging.WARNING, "headstart"):
        history = fit(model, X, Y, epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2
    assert "'first' has 2 trainable weights" in history.headstart.plain
    assert "trains as model.fit does" in caplog.text


def test_a_train_step_of_its_own_sees_the_pictures(make_frozen):
    seen = []

    class Own(keras.Model):
        def train_step(self, *given):
            seen.append(given[-1][0].shape[1:])
            return super().train_step(*given)

    entry = keras.Input((SIDE, SIDE, 3))
    model = Own(entry, L.Dense(CLASSES, activation="softmax")(L.Flatten()(make_frozen()(entry))))
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    report = fit(model, X, Y, verbose=0).headstart
    assert "train_step" in report.plain
    assert tuple(seen[0]) == (SIDE, SIDE, 3)


def test_layers_that_lie_about_being_frozen_are_found_out(make_frozen):
    class Centred(L.Layer):
        """A function of the whole batch."""

        def call(self, x):
            return x - keras.ops.mean(x, axis=0, keepdims=True)

    class Noisy(L.Layer):
        def call(self, x, training=False):
            return x * 2 if training else x

    for layer in (Centred(), Noisy()):
        model = keras.Sequential([make_frozen(), layer, L.Flatten(), L.Dense(CLASSES, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        assert "other numbers" in fit(model, X, Y, verbose=0).headstart.plain


def test_mixed_precision_features(make_frozen):
    keras.mixed_precision.set_global_policy(
        "mixed_float16" if keras.backend.backend() != "torch" else "float32"
    )
    try:
        model = keras.Sequential(
            [make_frozen(), L.Flatten(), L.Dense(CLASSES, activation="softmax", dtype="float32")]
        )
        model.compile(keras.optimizers.SGD(0.01), "sparse_categorical_crossentropy")
        report = fit(model, X, Y, verbose=0).headstart
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert report.plain is None
    assert report.computed == N
