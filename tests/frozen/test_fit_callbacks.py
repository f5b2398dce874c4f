"""Callbacks see the user's model, whole and alive."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core import backend
from headstart.frozen import fit

keras = backend.ensure()
L = keras.layers
pytestmark = [pytest.mark.gradients, pytest.mark.usefixtures("trainable_here")]

SIDE, N, CLASSES = 10, 40, 3
X = np.random.default_rng(0).normal(size=(N, SIDE, SIDE, 3)).astype("float32")
Y = np.random.default_rng(1).integers(0, CLASSES, N)


@pytest.fixture
def model(make_frozen):
    keras.utils.set_random_seed(1)
    built = keras.Sequential(
        [make_frozen(), L.GlobalAveragePooling2D(), L.Dense(CLASSES, activation="softmax")]
    )
    built.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return built


def test_a_checkpoint_holds_all_of_the_model(model, tmp_path):
    path = tmp_path / "best.keras"
    fit(model, X, Y, epochs=2, verbose=0, callbacks=[keras.callbacks.ModelCheckpoint(path)])
    again = keras.saving.load_model(path)
    expected, given = model.predict(X, verbose=0), again.predict(X, verbose=0)
    np.testing.assert_allclose(given, expected, atol=1e-5)
    assert int(again.optimizer.iterations) == int(model.optimizer.iterations) == 4


def test_early_stopping_restores_the_best_weights(model):
    class Spoil(keras.callbacks.Callback):
        """From its second epoch on, the model gets worse."""

        def on_epoch_end(self, epoch, logs=None):
            weights = self.model.layers[-1].get_weights()
            if epoch == 0:
                self.best = weights
            else:
                logs["val_loss"] = 100.0 + epoch

    spoil = Spoil()
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=2, restore_best_weights=True)
    history = fit(model, X, Y, epochs=9, validation_split=0.2, verbose=0, callbacks=[spoil, stop])
    assert history.epoch == [0, 1, 2]
    for kept, best in zip(model.layers[-1].get_weights(), spoil.best, strict=True):
        np.testing.assert_array_equal(kept, best)


def test_a_callback_may_use_the_model_on_pictures(model):
    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            assert self.model is model
            looked.append((self.model.predict(X[:4], verbose=0), self.model.evaluate(X, Y, verbose=0)[0]))

        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                self.model.stop_training = True

    looked = []
    history = fit(model, X, Y, batch_size=8, epochs=3, verbose=0, callbacks=[Look()])
    assert len(history.epoch) == 1
    np.testing.assert_allclose(looked[0][0], model.predict(X[:4], verbose=0), atol=1e-5)
    assert looked[0][1] == pytest.approx(model.evaluate(X, Y, verbose=0)[0], abs=1e-5)
    assert model.history is history


def test_a_rate_schedule_and_a_history_of_the_users_own(model):
    own = keras.callbacks.History()
    rate = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
    fit(model, X, Y, epochs=3, verbose=0, callbacks=[rate, own])
    assert own.history["learning_rate"] == pytest.approx([0.1, 0.05, 0.1 / 3])


def test_an_error_in_a_callback_leaves_the_model_usable(model):
    class Fail(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fit(model, X, Y, verbose=0, callbacks=[Fail()])
    assert "call" not in vars(model)
    assert model.predict(X[:2], verbose=0).shape == (2, CLASSES)
    assert fit(model, X, Y, verbose=0).headstart.found == N
