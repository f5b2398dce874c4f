"""Random augmentation shows itself, and views of it can be kept."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from headstart.core import backend
from headstart.core.errors import HeadError
from headstart.frozen import fit

keras = backend.ensure()
L = keras.layers
pytestmark = [pytest.mark.gradients, pytest.mark.usefixtures("trainable_here")]

SIDE, N, CLASSES, BATCH = 10, 64, 3, 16
X = np.random.default_rng(0).normal(size=(N, SIDE, SIDE, 3)).astype("float32")
Y = np.random.default_rng(1).integers(0, CLASSES, N)


class Shaken(keras.utils.PyDataset):
    """Pictures that are never the same twice."""

    def __init__(self):
        super().__init__()
        self.random = np.random.default_rng(7)

    def __len__(self):
        return N // BATCH

    def __getitem__(self, at):
        some = slice(at * BATCH, (at + 1) * BATCH)
        return X[some] + self.random.normal(size=(BATCH, 1, 1, 1)).astype("float32"), Y[some]


def compiled(layers):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.SGD(0.1), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.fixture
def model(make_frozen):
    return compiled([make_frozen(), L.GlobalAveragePooling2D(), L.Dense(CLASSES, activation="softmax")])


@pytest.fixture
def augmenting(make_frozen):
    return compiled(
        [
            keras.Input((SIDE, SIDE, 3)),
            L.RandomFlip(seed=3),
            make_frozen(),
            L.Flatten(),
            L.Dense(CLASSES, activation="softmax"),
        ]
    )


def test_augmentation_in_the_data_ends_keeping_and_says_so(model, caplog):
    with caplog.at_level(logging.WARNING, "headstart"):
        history = fit(model, Shaken(), epochs=4, verbose=0, validation_data=(X[:8], Y[:8]))
    assert history.headstart.plain == "random augmentation in the data"
    assert len([r for r in caplog.records if "never seen before" in r.getMessage()]) == 1
    assert "views=K" in caplog.text
    assert len(history.history["val_loss"]) == 4


def test_it_trains_as_model_fit_does_all_the_while(make_frozen):
    weights = []
    for train in (lambda m, x, **kw: m.fit(x, **kw), fit):
        model = compiled([make_frozen(), L.Flatten(), L.Dense(CLASSES, activation="softmax")])
        train(model, Shaken(), epochs=4, verbose=0)
        weights.append(model.get_weights())
    for one, other in zip(*weights, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-4)


def test_data_that_only_comes_in_another_order_is_kept(model):
    class Mixed(Shaken):
        def on_epoch_end(self):
            self.order = self.random.permutation(N)

        def __getitem__(self, at):
            order = getattr(self, "order", np.arange(N))[at * BATCH : (at + 1) * BATCH]
            return X[order], Y[order]

    report = fit(model, Mixed(), epochs=4, verbose=0).headstart
    assert report.plain is None
    assert report.computed == N


def test_views_of_the_data_are_made_so_often_and_no_more(model):
    history = fit(model, Shaken(), epochs=5, verbose=0, views=2)
    assert history.headstart.plain is None
    # One batch may go to building the metrics.
    assert 2 * N <= history.headstart.computed <= 2 * N + BATCH
    assert len(history.history["loss"]) == 5


def test_augmentation_in_the_model_is_plain_without_views(augmenting):
    report = fit(augmenting, X, Y, verbose=0).headstart
    assert "random" in report.plain


def test_augmentation_in_the_model_with_views(augmenting):
    history = fit(
        augmenting, X, Y, epochs=5, batch_size=BATCH, verbose=0, views=3, validation_data=(X[:8], Y[:8])
    )
    assert history.headstart.plain is None
    assert history.headstart.computed == 3 * N + 8
    assert history.history["val_loss"][-1] == pytest.approx(
        augmenting.evaluate(X[:8], Y[:8], verbose=0)[0], abs=1e-4
    )
    assert history.history["loss"][-1] < history.history["loss"][0]


def test_views_do_not_hold_augmented_samples_out(augmenting):
    with pytest.raises(HeadError, match="validation_data"):
        fit(augmenting, X, Y, verbose=0, views=2, validation_split=0.2)
