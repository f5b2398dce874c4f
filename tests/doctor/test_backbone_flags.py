"""Rules on what is frozen and what is trained: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, names, only, repaired, run_doctor, silent

pytestmark = [pytest.mark.gradients, pytest.mark.slow]  # Each case builds a whole net.

(RANDOM, AFTER, UNFREEZE, WRONG, TYPO, NOTHING, HEAD) = RULES = (
    "random-backbone-frozen",
    "trainable-after-compile",
    "unfreeze-without-recompile",
    "trainable-wrong-object",
    "trainable-typo",
    "nothing-trainable",
    "head-frozen",
)
ALL = (*RULES, "layers-pop", "preprocess-bypassed", "base-rebuilt-loses-graph", "load-weights-silent")

DATA = """
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
y = rng.integers(0, 2, 48)
x = rng.uniform(-0.5, 0.5, (48, 32, 32, 3)).astype("float32")
x[y == 1, 8:24, 8:24, 0] += 0.5

def net(weights=None, **more):
    made = keras.applications.MobileNet(
        input_shape=(32, 32, 3), alpha=0.25, include_top=False, pooling="avg", weights=weights, **more)
    return made

keras.utils.set_random_seed(7)
donor = net()
for layer in donor.layers:  # weights that some training has been at
    layer.set_weights([w + 0.01 * rng.normal(size=w.shape) ** 2 for w in layer.get_weights()])
donor.save_weights("trained.weights.h5")
"""

HEAD_OF = """
model = keras.Sequential([keras.Input((32, 32, 3)), base, layers.Dense(8, activation="relu"),
                          layers.Dense(1, activation="sigmoid")])
"""
COMPILE = 'model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])\n'
FIT = "model.fit(x, y, epochs=1, batch_size=16, verbose=0)\n"
TRAINED = 'base = net("trained.weights.h5")\n'
FREEZE = "base.trainable = False\n"


def backend() -> str:
    import keras

    return str(keras.config.backend())


def asked(program: str, tmp_path: Path, through: bool = False):
    return run_doctor(program, tmp_path, select=ALL, through=through)


def test_the_plain_recipe_is_silent(tmp_path: Path) -> None:
    phase_two = (
        "base.trainable = True\nmodel.compile(keras.optimizers.Adam(1e-5), 'binary_crossentropy')\n" + FIT
    )
    diagnosis = asked(DATA + TRAINED + FREEZE + HEAD_OF + COMPILE + FIT + phase_two, tmp_path, through=True)
    silent(diagnosis, *ALL)
    assert diagnosis.fits == 2


# ----- random-backbone-frozen ----------------------------------------------------------------------


def test_random_and_frozen(tmp_path: Path) -> None:
    program = DATA + "base = keras.applications.MobileNet(input_shape=(32, 32, 3), include_top=False,\n"
    program += '    alpha=0.25, pooling="avg", weights=None)\n' + FREEZE + HEAD_OF + COMPILE + FIT
    diagnosis = asked(program, tmp_path)
    finding = only(diagnosis, RANDOM)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("base = keras.applications.MobileNet(")
    assert 'weights="imagenet"' in repaired(diagnosis, RANDOM)
    said = "# a baseline on random features\n" + program
    assert only(asked(said, tmp_path), RANDOM).severity == "info"


@pytest.mark.parametrize(
    "base",
    [
        TRAINED + FREEZE,
        'base = net()\nbase.load_weights("trained.weights.h5")\n' + FREEZE,
        "base = net()\nbase.set_weights(donor.get_weights())\n" + FREEZE,
        "base = net()\n",
    ],
    ids=["weights-argument", "loaded-later", "set", "not-frozen"],
)
def test_trap_weights_come_later_or_are_trained(base: str, tmp_path: Path) -> None:
    silent(asked(DATA + base + HEAD_OF + COMPILE + FIT, tmp_path), RANDOM)


def test_trap_weights_that_could_not_be_fetched(tmp_path: Path) -> None:
    program = DATA + (
        "import keras.src.utils.file_utils as f\nkept = f.get_file\n"
        "def no(*a, **k): raise Exception('URL fetch failure on x')\nf.get_file = no\n"
        "import keras.src.applications.mobilenet as m\nm.file_utils.get_file = no\n"
        "base = keras.applications.MobileNet(input_shape=(128, 128, 3), alpha=0.25, include_top=False,\n"
        "    pooling='avg')\nf.get_file = kept\nx = np.repeat(np.repeat(x, 4, 1), 4, 2)\n"
    )
    head = HEAD_OF.replace("32, 32", "128, 128")
    import os

    before = os.environ.get("KERAS_HOME")
    diagnosis = asked(program + FREEZE + head + COMPILE + FIT, tmp_path)
    assert os.environ.get("KERAS_HOME") == before
    silent(diagnosis, RANDOM)


# ----- trainable-after-compile and unfreeze-without-recompile --------------------------------------


def test_flag_after_compile(tmp_path: Path) -> None:
    diagnosis = asked(DATA + TRAINED + HEAD_OF + COMPILE + FREEZE + FIT, tmp_path)
    finding = only(diagnosis, AFTER)
    assert line_of(finding, tmp_path) == "base.trainable = False"
    mended = repaired(diagnosis, AFTER)
    assert mended.count("model.compile(") == 2
    silent(asked(mended, tmp_path), *ALL)


def test_flags_of_a_model_without_an_input(tmp_path: Path) -> None:
    head = HEAD_OF.replace("keras.Input((32, 32, 3)), ", "")
    finding = only(asked(DATA + TRAINED + head + COMPILE + FREEZE + FIT, tmp_path), AFTER)
    assert line_of(finding, tmp_path) == "base.trainable = False"
    silent(asked(DATA + TRAINED + FREEZE + head + COMPILE + FIT, tmp_path), *ALL)


def test_trap_changed_and_changed_back(tmp_path: Path) -> None:
    toggled = COMPILE + FREEZE + "base.trainable = True\n"
    silent(asked(DATA + TRAINED + HEAD_OF + toggled + FIT, tmp_path), AFTER)


GAN = """
import numpy as np, keras
from keras import layers
rng = np.random.default_rng(0)
real = rng.normal(2.0, 0.5, (64, 2)).astype("float32")
d = keras.Sequential([keras.Input((2,)), layers.Dense(16, activation="relu"), layers.Dense(1, activation="sigmoid")])
d.compile("adam", "binary_crossentropy")
g = keras.Sequential([keras.Input((4,)), layers.Dense(16, activation="relu"), layers.Dense(2)])
d.trainable = False
z = keras.Input((4,))
gan = keras.Model(z, d(g(z)))
gan.compile("adam", "binary_crossentropy")
for step in range(2):
    fake = g.predict(rng.normal(size=(16, 4)), verbose=0)
    d.trainable = True
    d.train_on_batch(np.concatenate([real[:16], fake]), np.r_[np.ones(16), np.zeros(16)])
    d.trainable = False
    gan.train_on_batch(rng.normal(size=(16, 4)), np.ones(16))
"""


def test_trap_gan(tmp_path: Path) -> None:
    silent(asked(GAN, tmp_path, through=True), *ALL)
    old = GAN.replace("    d.trainable = True\n", "").replace("    d.trainable = False\n", "")
    assert names(asked(old, tmp_path)) == []  # what Keras 3 makes of it is only mentioned
    fitted = GAN.replace("train_on_batch", "fit").replace(", np.ones(16))", ", np.ones(16), verbose=0)")
    silent(asked(fitted.replace("np.zeros(16)])", "np.zeros(16)], verbose=0)"), tmp_path, through=True), *ALL)


def test_freed_for_phase_two_without_compile(tmp_path: Path) -> None:
    program = DATA + TRAINED + FREEZE + HEAD_OF + COMPILE + FIT + "base.trainable = True\n" + FIT
    diagnosis = asked(program, tmp_path, through=True)
    finding = only(diagnosis, UNFREEZE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path) == "base.trainable = True"
    assert not diagnosis.of(AFTER)
    mended = repaired(diagnosis, UNFREEZE)
    assert "keras.optimizers.Adam(1e-05)" in mended
    again = asked(mended, tmp_path, through=True)
    silent(again, *ALL)
    assert again.fits == 2


def test_a_second_phase_is_pointed_to(tmp_path: Path) -> None:
    first = DATA + TRAINED + FREEZE + HEAD_OF + COMPILE + FIT
    assert "--through" in asked(first + "base.trainable = True\n" + FIT, tmp_path).note
    scaler = "from sklearn.preprocessing import StandardScaler\nStandardScaler().fit(x[:, 0, 0])\n"
    assert asked(first + scaler, tmp_path).note == ""


def test_trap_a_new_model_for_phase_two(tmp_path: Path) -> None:
    program = DATA + TRAINED + FREEZE + HEAD_OF + COMPILE + FIT + "base.trainable = True\n"
    program += 'model = keras.Sequential([base, layers.Dense(1, activation="sigmoid")])\n'
    program += 'model.compile(keras.optimizers.Adam(1e-5), "binary_crossentropy")\n' + FIT
    silent(asked(program, tmp_path, through=True), UNFREEZE, AFTER, NOTHING, HEAD)


# ----- nothing-trainable, head-frozen --------------------------------------------------------------


@pytest.mark.parametrize(
    "freeze", ["for layer in model.layers:\n    layer.trainable = False\n", "model.trainable = False\n"]
)
def test_all_frozen(freeze: str, tmp_path: Path) -> None:
    diagnosis = asked(DATA + TRAINED + HEAD_OF + freeze + COMPILE + FIT, tmp_path)
    finding = only(diagnosis, NOTHING)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path) == freeze.splitlines()[-1].strip()
    mended = repaired(diagnosis, NOTHING)
    silent(asked(mended, tmp_path), *ALL)
    assert "mobilenet" in mended


def test_all_frozen_by_the_constructors(tmp_path: Path) -> None:
    program = """
    import numpy as np, keras
    from keras.layers import Dense
    x = np.random.default_rng(0).normal(size=(64, 3)); y = (x[:, 0] > 0) * 1
    model = keras.Sequential()
    model.add(keras.Input((3,)))
    model.add(Dense(4, activation="relu", trainable=False))
    model.add(Dense(1, activation="sigmoid", trainable=False))
    model.compile("adam", "binary_crossentropy")
    model.fit(x, y)
    """
    finding = only(asked(program, tmp_path), NOTHING)
    assert line_of(finding, tmp_path).startswith("model.add(Dense(1")


HIDDEN = """
import numpy as np, keras
from keras.layers import Dense, Input
keras.utils.set_random_seed({seed})
x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 16, "float32")
y = np.array([0, 1, 1, 0] * 16, "float32")
model = keras.Sequential([Input((2,)), Dense({units}, activation="tanh"), Dense(1, activation="sigmoid")])
{freeze}
model.compile("adam", "binary_crossentropy")
model.fit(x, y, epochs=2, verbose=0)
"""


def test_a_hidden_layer_frozen_at_random(tmp_path: Path) -> None:
    program = HIDDEN.format(seed=1, units=4, freeze="model.layers[0].trainable = False")
    finding = only(asked(program, tmp_path), NOTHING)
    assert line_of(finding, tmp_path) == "model.layers[0].trainable = False"
    silent(asked(program.replace("model.layers[0].trainable = False", ""), tmp_path), *ALL)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_trap_wide_random_features(seed: int, tmp_path: Path) -> None:
    program = HIDDEN.format(seed=seed, units=256, freeze="model.layers[0].trainable = False")
    program = program.replace("tanh", "relu")
    silent(asked(program, tmp_path), *ALL)


def test_trap_model_without_weights_and_own_step(tmp_path: Path) -> None:
    program = """
    import numpy as np, keras
    class Fixed(keras.Model):
        def train_step(self, *args):
            return {"loss": 0.0}
    x = np.ones((8, 3), "float32")
    i = keras.Input((3,))
    model = Fixed(i, keras.layers.Dense(1)(i))
    model.trainable = False
    model.compile("sgd", "mse")
    model.fit(x, x[:, :1], verbose=0)
    """
    silent(asked(program, tmp_path), NOTHING)


def test_head_frozen_and_base_free(tmp_path: Path) -> None:
    freeze = "for layer in model.layers[1:]:\n    layer.trainable = False\n"
    finding = only(asked(DATA + TRAINED + HEAD_OF + freeze + COMPILE + FIT, tmp_path), HEAD)
    assert line_of(finding, tmp_path) == "layer.trainable = False"
    moved = "for layer in model.layers[1:]:\n    layer.set_weights([w + 0.1 for w in layer.get_weights()])\n"
    silent(asked(DATA + TRAINED + HEAD_OF + moved + freeze + COMPILE + FIT, tmp_path), HEAD)


# ----- trainable-wrong-object, trainable-typo ------------------------------------------------------


def test_another_copy_is_frozen(tmp_path: Path) -> None:
    other = 'other = net("trained.weights.h5")\nfor layer in other.layers:\n    layer.trainable = False\n'
    finding = only(asked(DATA + TRAINED + other + HEAD_OF + COMPILE + FIT, tmp_path), WRONG)
    assert line_of(finding, tmp_path) == "layer.trainable = False"
    silent(asked(DATA + TRAINED + other.replace("other", "base") + HEAD_OF + COMPILE + FIT, tmp_path), *ALL)


def test_trap_a_frozen_teacher(tmp_path: Path) -> None:
    teacher = 'teacher = net("trained.weights.h5")\nteacher.trainable = False\nfeatures = teacher.predict(x, verbose=0)\n'
    silent(asked(DATA + TRAINED + teacher + HEAD_OF + COMPILE + FIT, tmp_path), WRONG)


def test_freed_again_with_the_outer_model(tmp_path: Path) -> None:
    loop = "for layer in model.layers:\n    layer.trainable = True\n"
    diagnosis = asked(DATA + TRAINED + FREEZE + HEAD_OF + loop + COMPILE + FIT, tmp_path)
    assert line_of(only(diagnosis, WRONG), tmp_path) == "layer.trainable = True"
    silent(asked(DATA + TRAINED + HEAD_OF + loop + FREEZE + COMPILE + FIT, tmp_path), *ALL)
    whole = DATA + TRAINED + FREEZE + HEAD_OF + "model.trainable = True\n" + COMPILE + FIT
    diagnosis = asked(whole, tmp_path)
    if backend() == "tensorflow":  # there it changes nothing, for the better
        silent(diagnosis, *ALL)
    else:
        assert line_of(only(diagnosis, WRONG), tmp_path) == "model.trainable = True"


def test_freed_by_a_flag_that_is_set_already(tmp_path: Path) -> None:
    freeze = "for layer in base.layers:\n    layer.trainable = False\n"
    program = DATA + TRAINED + freeze + HEAD_OF + COMPILE + FIT + "base.trainable = True\n"
    program += "model.compile(keras.optimizers.Adam(1e-5), 'binary_crossentropy')\n" + FIT
    diagnosis = asked(program, tmp_path, through=True)
    if backend() != "tensorflow":  # there the flag is handed down
        silent(diagnosis, WRONG)
        return
    assert line_of(only(diagnosis, WRONG), tmp_path) == "base.trainable = True"
    silent(asked(repaired(diagnosis, WRONG), tmp_path, through=True), *ALL)


def test_trap_some_layers_freed_on_purpose(tmp_path: Path) -> None:
    partial = FREEZE + "for layer in base.layers[-6:]:\n    layer.trainable = True\n"
    silent(asked(DATA + TRAINED + partial + HEAD_OF + COMPILE + FIT, tmp_path), *ALL)
    every = FREEZE + "base.trainable = True\n"
    silent(asked(DATA + TRAINED + every + HEAD_OF + COMPILE + FIT, tmp_path), WRONG)


def test_the_list_of_layers(tmp_path: Path) -> None:
    program = DATA + TRAINED + "base.layers.trainable = False\n" + HEAD_OF + COMPILE + FIT
    diagnosis = asked(program, tmp_path)
    (finding,) = diagnosis.of(WRONG)
    assert line_of(finding, tmp_path) == "base.layers.trainable = False"


@pytest.mark.parametrize("name", ["trainble", "Trainable", "trainalbe", "is_trainable"])
def test_misspelt(name: str, tmp_path: Path) -> None:
    program = (
        DATA + TRAINED + f"for layer in base.layers:\n    layer.{name} = False\n" + HEAD_OF + COMPILE + FIT
    )
    diagnosis = asked(program, tmp_path)
    finding = only(diagnosis, TYPO)
    assert line_of(finding, tmp_path) == f"layer.{name} = False"
    mended = repaired(diagnosis, TYPO)
    assert "    layer.trainable = False" in mended
    silent(asked(mended, tmp_path), *ALL)


def test_trap_an_attribute_of_a_subclass(tmp_path: Path) -> None:
    program = """
    import numpy as np, keras
    class Mine(keras.layers.Dense):
        def __init__(self, units):
            super().__init__(units)
            self.is_trainable = False
            self.retrainable = False
    x = np.ones((8, 3), "float32")
    model = keras.Sequential([keras.Input((3,)), Mine(1)])
    model.layers[0].trained = True
    model.compile("sgd", "mse")
    model.fit(x, x[:, :1], verbose=0)
    """
    silent(asked(program, tmp_path), *ALL)
