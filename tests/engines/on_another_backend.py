"""Run by a test, with Keras on a backend for gradients: the OpenVINO engine must agree with it.

python on_another_backend.py BACKEND EMPTY_FOLDER
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from headstart import engines
from headstart.core import backend, errors

name, folder = sys.argv[1:]
tempfile.tempdir = folder
keras = backend.ensure()
assert keras.config.backend() == name
keras.utils.set_random_seed(0)

pixels = keras.Input((16, 16, 3))
x = keras.layers.Rescaling(1 / 255)(pixels)
x = keras.layers.Conv2D(4, 3, activation="relu", bias_initializer="ones")(x)
pooled = keras.layers.GlobalAveragePooling2D()(x)
model = keras.Model(pixels, pooled)
pictures = np.random.default_rng(0).integers(0, 256, (5, 16, 16, 3), dtype=np.uint8)
ours, theirs = (
    next(iter(engine.run([(0, pictures)])))[1]
    for engine in (engines.open_openvino(model, precision="f32"), engines.open_keras(model))
)
np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
assert not list(Path(folder).glob("headstart-*")), "temporary files are left"


class Odd(keras.layers.Layer):
    """A layer that the child process cannot know."""

    def call(self, inputs: object) -> object:
        return inputs * 2


try:
    engines.open_openvino(keras.Model(pixels, Odd()(pooled)), precision="f32")
except errors.EngineError as error:
    said = str(error)
else:
    raise SystemExit("a layer that the child does not know was exported")
assert "Odd" in said, said
assert not list(Path(folder).glob("headstart-*")), "temporary files are left after an error"
