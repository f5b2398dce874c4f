"""The doctor as a callback, and as a function of a model and data in hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import headstart
from headstart.core import backend
from headstart.core.errors import SettingsError

pytestmark = [
    pytest.mark.gradients,
    # Keras itself warns of the softmax over one unit, and goes on.
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.fixture
def keras() -> Any:
    found = backend.ensure(gradients=True)
    found.utils.set_random_seed(0)
    return found


def data() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4)).astype("float32")
    return x, (x[:, 0] + x[:, 1] > 0).astype("float32")


def network(keras: Any, last: str) -> Any:
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(1, activation=last),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model


def test_the_callback_finds_the_data_of_its_fit(keras: Any) -> None:
    doctor = headstart.Doctor(quiet=True)
    x, y = data()
    history = network(keras, "softmax").fit(x, y, epochs=2, verbose=0, callbacks=[doctor])
    assert doctor.diagnosis is not None
    assert doctor.diagnosis.findings[0].rule == "softmax-one-unit"
    assert len(history.epoch) == 2


def test_it_stops_what_cannot_come_to_anything_when_asked(keras: Any) -> None:
    x, y = data()
    history = network(keras, "softmax").fit(
        x, y, epochs=5, verbose=0, callbacks=[headstart.Doctor(stop=True, quiet=True)]
    )
    assert len(history.epoch) <= 1


def test_a_healthy_model_trains_as_it_would_without(keras: Any) -> None:
    x, y = data()
    losses = []
    for callbacks in ([], [headstart.Doctor(stop=True, quiet=True)]):
        keras.utils.set_random_seed(3)
        history = network(keras, "sigmoid").fit(x, y, epochs=3, verbose=0, callbacks=callbacks)
        losses.append(history.history["loss"])
    assert losses[0] == losses[1]


def test_diagnose_needs_no_script(keras: Any) -> None:
    x, y = data()
    found = headstart.diagnose(network(keras, "softmax"), x, y)
    assert found.findings[0].rule == "softmax-one-unit"
    assert not headstart.diagnose(network(keras, "sigmoid"), x, y, select=("softmax-one-unit",)).findings


def test_diagnose_asks_for_a_loss(keras: Any) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    with pytest.raises(SettingsError, match="must be compiled"):
        headstart.diagnose(model, *data())
