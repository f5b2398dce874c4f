"""What is wrong is said in one sentence, before anything is computed."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.core import backend
from headstart.core.errors import EngineError, HeadError, PicturesError, StoreError
from headstart.frozen import fit, trunk_picture

keras = backend.ensure()
L = keras.layers
SIDE, CLASSES = 10, 3
X, Y = np.zeros((8, SIDE, SIDE, 3), "float32"), np.arange(8) % CLASSES
with_gradients = [pytest.mark.gradients, pytest.mark.usefixtures("trainable_here")]


def build(make_frozen, compiled=True, units=CLASSES):
    model = keras.Sequential([make_frozen(), L.Flatten(), L.Dense(units)])
    if compiled:
        model.compile("sgd", "mse")
    return model


def test_no_backend_for_gradients(make_frozen):
    if keras.backend.backend() in backend.GRADIENT_BACKENDS:
        pytest.skip("a backend with gradients is in use")
    model = build(make_frozen, compiled=False)
    with pytest.raises(EngineError, match="Training with Keras needs"):
        fit(model, X, Y)


def test_no_model():
    with pytest.raises(HeadError, match="model=dict"):
        fit({}, X, Y)


@pytest.mark.gradients
@pytest.mark.usefixtures("trainable_here")
class TestWithGradients:
    def test_not_compiled(self, make_frozen):
        with pytest.raises(HeadError, match=r"must be compiled.*call model.compile"):
            fit(build(make_frozen, compiled=False), X, Y)

    def test_not_built(self):
        model = keras.Sequential([L.Dense(2)])
        model.compile("sgd", "mse")
        with pytest.raises(HeadError, match=r"must be built.*keras.Input"):
            fit(model, X, Y)

    @pytest.mark.parametrize(
        ("x", "words"),
        [
            (X[:, :8], r"samples of shape \(10, 10, 3\); received x with samples of shape \(8, 10, 3\)"),
            (X[..., 0], "received x with samples of shape"),
            ([X, X], "takes 1 input; received x with 2"),
            ({"wrong": X}, "takes the inputs"),
        ],
    )
    def test_data_that_does_not_fit(self, make_frozen, x, words):
        with pytest.raises(HeadError, match=words):
            fit(build(make_frozen), x, Y, verbose=0)

    def test_views_below_zero(self, make_frozen):
        with pytest.raises(HeadError, match="views=-1"):
            fit(build(make_frozen), X, Y, views=-1)

    def test_no_such_folder(self, make_frozen, tmp_path):
        with pytest.raises(PicturesError, match="nowhere"):
            fit(build(make_frozen), tmp_path / "nowhere", verbose=0)

    def test_a_store_that_cannot_be_written(self, make_frozen, tmp_path, monkeypatch):
        file = tmp_path / "file"
        file.write_text("", encoding="utf-8")
        monkeypatch.setenv("HEADSTART_HOME", str(file / "inside"))
        with pytest.raises(StoreError, match="folder that can be written"):
            fit(build(make_frozen), X, np.zeros((8, CLASSES)), verbose=0)


def test_no_such_model_file(tmp_path):
    with pytest.raises(HeadError, match="is not there"):
        trunk_picture(tmp_path / "model.keras")


def test_a_file_that_is_no_model(tmp_path):
    path = tmp_path / "model.keras"
    path.write_bytes(b"no zip")
    with pytest.raises(HeadError, match="loads without running code"):
        trunk_picture(path)
