"""A diagnosis that does not stop the run leaves training as it would have been: same losses, seeded."""

from __future__ import annotations

import importlib.util
import textwrap
from pathlib import Path

import pytest
from support import run_doctor

pytestmark = pytest.mark.gradients

HEAD = """
import random, numpy as np, keras
keras.utils.set_random_seed(3)
X = np.random.normal(size=(96, 8)).astype("float32")
y = (X[:, 0] > 0).astype("float32")
model = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.BatchNormalization(),
    keras.layers.Dropout(0.3), keras.layers.Dense(1, activation="sigmoid")])
model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
"""
TAIL = """
after = keras.layers.Dense(2).name
import json
json.dump([h.history, random.random(), float(np.random.rand()), after], open(OUT, "w"))
"""

SOURCES = {
    "arrays": "h = model.fit(X, y, epochs=3, verbose=0, validation_split=0.2)",
    "generator": """
def batches():
    while True:
        i = np.random.randint(0, 96, 16)
        yield X[i], y[i]
h = model.fit(batches(), steps_per_epoch=6, epochs=3, verbose=0)""",
    "finite generator": """
h = model.fit(((X[i:i+16], y[i:i+16]) for i in range(0, 96, 16)), epochs=1, verbose=0)""",
    "pydataset": """
class Data(keras.utils.PyDataset):
    def __init__(self):
        super().__init__()
        self.rng = np.random.default_rng(0)
        self.calls = 0
    def __len__(self):
        return 6
    def __getitem__(self, i):
        self.calls += 1
        noise = self.rng.normal(size=(16, 8)).astype("float32") + self.calls
        return X[i*16:i*16+16] + noise, y[i*16:i*16+16]
h = model.fit(Data(), epochs=3, verbose=0)""",
    "image generator": """
from keras.src.legacy.preprocessing.image import ImageDataGenerator
images = np.repeat(X[:, :, None, None], 3, axis=-1)
model = keras.Sequential([keras.layers.Flatten(), model])
model.compile("adam", "binary_crossentropy")
h = model.fit(ImageDataGenerator(horizontal_flip=True).flow(images, y, batch_size=16), epochs=2, verbose=0)""",
}
if importlib.util.find_spec("tensorflow"):
    SOURCES["tf.data"] = """
import tensorflow as tf
d = tf.data.Dataset.from_tensor_slices((X, y)).cache().shuffle(96).batch(16)
d = d.map(lambda a, b: (a + tf.random.normal(tf.shape(a)), b)).prefetch(1)
h = model.fit(d, epochs=3, verbose=0)"""
    SOURCES["tf.data from an iterator"] = """
import tensorflow as tf
rows = iter(list(zip(X, y)))
d = tf.data.Dataset.from_generator(lambda: rows, output_signature=(tf.TensorSpec((8,)), tf.TensorSpec(()))).batch(16)
h = model.fit(d, epochs=1, verbose=0)"""
if importlib.util.find_spec("torch"):
    SOURCES["dataloader"] = """
import torch
d = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(y)[:, None])
h = model.fit(torch.utils.data.DataLoader(d, batch_size=16, shuffle=True), epochs=3, verbose=0)"""


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_training_goes_on_as_it_would_have(source: str, tmp_path: Path) -> None:
    plain, watched = tmp_path / "plain.json", tmp_path / "watched.json"
    program = HEAD + textwrap.dedent(source) + TAIL
    if "while True" in source:
        # Keras reads an endless generator ahead, as far as its thread gets: what it draws last is chance.
        program = program.replace("float(np.random.rand())", "0")
    import keras

    keras.utils.clear_session()
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(program.replace("OUT", repr(str(plain))), "plain", "exec"), {"__name__": "plain"})
    diagnosis = run_doctor(program.replace("OUT", repr(str(watched))), tmp_path, through=True)
    assert diagnosis.ending == "end", diagnosis.crash
    assert diagnosis.fits == 1
    assert watched.read_text(encoding="utf-8") == plain.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "probe",
    ["flow", "gradients", "modes", "overfit", "sweep", "stream", "overlap", "repeats", "entries", "features"],
)
def test_each_probe_puts_everything_back(probe: str, tmp_path: Path) -> None:
    import numpy as np

    from headstart.doctor.capture.session import Options, Session
    from headstart.doctor.probes.untouched import value_of

    script = tmp_path / "script.py"
    script.write_text(HEAD + "model.fit(X, y, validation_data=(X, y), verbose=0)\n", encoding="utf-8")
    session = Session(str(script), (), Options(select=("softmax-one-unit",)))
    session.examine()
    case = session.cases[0]
    case.model.optimizer.build(case.model.trainable_variables)
    variables = [*case.model.variables, *case.model.optimizer.variables]
    before = [value_of(v) for v in variables]
    state = np.random.get_state()[1].tolist()
    getattr(case.probes, probe)
    assert all(np.array_equal(a, value_of(v)) for a, v in zip(before, variables, strict=True))
    assert np.random.get_state()[1].tolist() == state
