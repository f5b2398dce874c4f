"""Rules on batch normalisation and on training=True: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent
from test_backbone_flags import COMPILE, DATA, FIT, FREEZE, HEAD_OF

pytestmark = [pytest.mark.gradients, pytest.mark.slow]  # Each case builds a whole net.

BATCH, ONE, SHORT, FLAG, LARGE = RULES = (
    "bn-batch-stats-finetune",
    "bn-batch-one",
    "bn-moving-stats-unsettled",
    "training-flag-hardcoded",
    "head-too-large",
)


def asked(program: str, tmp_path: Path, through: bool = False):
    return run_doctor(program, tmp_path, select=RULES, through=through)


# ----- bn-batch-stats-finetune ---------------------------------------------------------------------

REAL = """
import os
os.environ["KERAS_HOME"] = "{home}"
import numpy as np, keras
from keras import layers
from pathlib import Path
pictures, labels = [], []
for label, name in enumerate(["cats", "dogs"]):
    for file in sorted(Path("{pictures}", name).glob("*.jpg"))[:48]:
        pictures.append(keras.utils.img_to_array(keras.utils.load_img(file, target_size=(96, 96))))
        labels.append(label)
x = np.stack(pictures) / 127.5 - 1
y = np.array(labels)
base = keras.applications.MobileNetV2(alpha=0.35, include_top=False, pooling="avg", input_shape=(96, 96, 3), weights="{weights}")
{flag}
inputs = keras.Input((96, 96, 3))
h = {call}
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(h))
model.compile(keras.optimizers.Adam(1e-5), "binary_crossentropy")
model.fit(x, y, batch_size={size}, verbose=0)
"""


@pytest.mark.shared
def test_small_batches_on_genuine_weights(shared: Path, tmp_path: Path) -> None:
    file = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"
    keras = shared / "keras"

    def program(flag: str, call: str, size: int) -> str:
        return REAL.format(
            home=keras.as_posix(),
            pictures=(shared / "data" / "cats_dogs").as_posix(),
            weights=(keras / "models" / file).as_posix(),
            flag=flag,
            call=call,
            size=size,
        )

    diagnosis = asked(program("base.trainable = True", "base(inputs)", 4), tmp_path)
    finding = only(diagnosis, BATCH)
    assert line_of(finding, tmp_path) == "base.trainable = True"
    assert float(finding.evidence["shift of the features, in lengths of their spread"]) > 0.5  # type: ignore[arg-type]
    mended = repaired(diagnosis, BATCH)
    assert (
        "    if isinstance(layer, keras.layers.BatchNormalization):\n        layer.trainable = False"
        in mended
    )
    silent(asked(mended, tmp_path), BATCH)
    meant = asked(program("base.trainable = True", "base(inputs, training=False)", 4), tmp_path)
    assert [f.severity for f in meant.of(BATCH)] == ["info"]
    silent(asked(program("base.trainable = False", "base(inputs)", 4), tmp_path), BATCH)
    silent(asked(program("base.trainable = False", "base(inputs, training=True)", 4), tmp_path), BATCH)
    silent(asked(program("", "base(inputs)", 32), tmp_path), BATCH)


TRAINED = 'base = net("trained.weights.h5")\n'
CALLED = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.base = base
        self.head = layers.Dense(1, activation="sigmoid")
    def call(self, x):
        return self.head(self.base(x, training=True))
model = Net()
model.build((None, 32, 32, 3))
"""


def test_training_true_for_ever(tmp_path: Path) -> None:
    diagnosis = asked(DATA + TRAINED + CALLED + COMPILE + FIT, tmp_path)
    finding = only(diagnosis, BATCH)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path) == "return self.head(self.base(x, training=True))"
    mended = repaired(diagnosis, BATCH)
    assert "self.base(x, training=False)" in mended
    silent(asked(mended, tmp_path), *RULES)
    silent(asked(DATA + TRAINED + FREEZE + CALLED + COMPILE + FIT, tmp_path), *RULES)


def test_trap_a_net_without_weights_of_its_own(tmp_path: Path) -> None:
    small = FIT.replace("batch_size=16", "batch_size=4")
    silent(asked(DATA + "base = net()\n" + HEAD_OF + COMPILE + small, tmp_path), BATCH)


# ----- bn-batch-one, bn-moving-stats-unsettled -----------------------------------------------------

TABLE = """
import numpy as np, keras
from keras.layers import Dense, BatchNormalization, Input
keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
x = rng.normal(3.0, 2.0, (96, 6)).astype("float32")
y = (x[:, 0] + x[:, 1] > 6) * 1
model = keras.Sequential([Input((6,)), Dense(16, activation="relu"), BatchNormalization(), Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(x, y, epochs=2, batch_size=1, verbose=0)
"""


def test_one_row_a_batch(tmp_path: Path) -> None:
    diagnosis = asked(TABLE, tmp_path)
    finding = only(diagnosis, ONE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("model.fit(")
    mended = repaired(diagnosis, ONE)
    assert "batch_size=32" in mended
    silent(asked(mended, tmp_path), *RULES)


@pytest.mark.parametrize(
    "other",
    [
        TABLE.replace("BatchNormalization()", "keras.layers.LayerNormalization()"),
        TABLE.replace("BatchNormalization()", "BatchNormalization(trainable=False)"),
        TABLE.replace(
            "Input((6,)), Dense(16", "Input((6,)), keras.layers.Reshape((6, 1)), keras.layers.Conv1D(8, 2"
        )
        .replace(', activation="relu"), Batch', ', activation="relu"), Batch')
        .replace("BatchNormalization(), ", "BatchNormalization(), keras.layers.Flatten(), "),
    ],
    ids=["layer-norm", "frozen", "places"],
)
def test_trap_single_rows_that_still_differ(other: str, tmp_path: Path) -> None:
    silent(asked(other, tmp_path), ONE)


PICTURES = """
import numpy as np, keras
from keras import layers
keras.utils.set_random_seed(1)
rng = np.random.default_rng(0)
y = rng.integers(0, 2, 64)
x = rng.uniform(0, 60, (64, 12, 12, 1)).astype("float32")
x[y == 1, 4:8, 4:8] += 180
model = keras.Sequential([
    keras.Input((12, 12, 1)),
    layers.Conv2D(8, 3, activation="relu"),
    layers.BatchNormalization(),
    layers.Conv2D(8, 3, activation="relu"),
    layers.BatchNormalization(),
    layers.GlobalAveragePooling2D(),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=5, batch_size=16, verbose=0)
"""


def test_too_few_steps_for_the_averages(tmp_path: Path) -> None:
    for through in (False, True):
        diagnosis = asked(PICTURES, tmp_path, through=through)
        finding = only(diagnosis, SHORT)
        assert line_of(finding, tmp_path) == "layers.BatchNormalization(),"
        assert float(finding.evidence["accuracy in training mode after these steps"]) >= 0.9  # type: ignore[arg-type]
    mended = repaired(diagnosis, SHORT)
    assert "layers.BatchNormalization(momentum=0.8)" in mended
    silent(asked(mended, tmp_path), *RULES)
    silent(asked(mended, tmp_path, through=True), *RULES)


@pytest.mark.parametrize(
    "other",
    [
        PICTURES.replace("epochs=5", "epochs=60"),
        PICTURES.replace("x[y == 1", "x = x / 255\nx[y == 1")
        .replace("+= 180", "+= 0.7")
        .replace("0.02", "1e-6"),
    ],
    ids=["many-steps", "learns-too-little-to-tell"],
)
def test_trap_short_runs(other: str, tmp_path: Path) -> None:
    silent(asked(other, tmp_path), SHORT)


# ----- training-flag-hardcoded, head-too-large -----------------------------------------------------

DROP = """
import numpy as np, keras
from keras import layers
rng = np.random.default_rng(0)
x = rng.normal(size=(96, 6)).astype("float32")
y = (x[:, 0] + x[:, 1] > 0) * 1
inputs = keras.Input((6,))
h = layers.Dense(16, activation="relu")(inputs)
h = layers.Dropout(0.5)(h, training=True)
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(h))
model.compile("adam", "binary_crossentropy")
model.fit(x, y, verbose=0)
"""


def test_dropout_for_ever_in_a_functional_model(tmp_path: Path) -> None:
    """Keras 3 overrides the flag in fit, evaluate and predict, and not in model(x)."""
    diagnosis = asked(DROP, tmp_path)
    finding = only(diagnosis, FLAG)
    assert finding.severity == "info"
    assert line_of(finding, tmp_path) == "h = layers.Dropout(0.5)(h, training=True)"
    mended = repaired(diagnosis, FLAG)
    assert "layers.Dropout(0.5)(h)\n" in mended
    silent(asked(mended, tmp_path), *RULES)


def test_dropout_for_ever_in_a_subclass(tmp_path: Path) -> None:
    program = """
    import numpy as np, keras
    from keras import layers
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.a = layers.Dense(16, activation="relu")
            self.d = layers.Dropout(0.5)
            self.b = layers.Dense(1, activation="sigmoid")
        def call(self, x):
            return self.b(self.d(self.a(x), training=True))
    rng = np.random.default_rng(0)
    x = rng.normal(size=(96, 6)).astype("float32")
    y = (x[:, 0] + x[:, 1] > 0) * 1
    model = Net()
    model(x[:2])
    model.compile("adam", "binary_crossentropy")
    model.fit(x, y, verbose=0)
    """
    finding = only(asked(program, tmp_path), FLAG)
    assert finding.severity == "warning"
    assert "training=True" in line_of(finding, tmp_path)
    silent(asked(program.replace(", training=True", ""), tmp_path), *RULES)


@pytest.mark.parametrize(
    "after",
    ["draws = np.stack([model.predict(x, verbose=0) for _ in range(20)])\n", "# Monte Carlo dropout\n"],
)
def test_trap_monte_carlo_dropout(after: str, tmp_path: Path) -> None:
    silent(asked(DROP + after, tmp_path), *RULES)


def test_a_large_head_is_only_mentioned(tmp_path: Path) -> None:
    program = DATA + (
        "base = keras.applications.VGG16(input_shape=(64, 64, 3), include_top=False, weights=None)\n"
        "base.trainable = False\nx = np.repeat(np.repeat(x, 2, 1), 2, 2)\n"
        "model = keras.Sequential([keras.Input((64, 64, 3)), base, layers.Flatten(),\n"
        '    layers.Dense(512, activation="relu"), layers.Dense(1, activation="sigmoid")])\n'
    )
    diagnosis = asked(program + COMPILE + FIT, tmp_path)
    finding = only(diagnosis, LARGE)
    assert finding.severity == "info"
    mended = repaired(diagnosis, LARGE)
    assert "layers.GlobalAveragePooling2D()" in mended
    silent(asked(mended, tmp_path), *RULES)
    silent(asked(program.replace("512", "8") + COMPILE + FIT, tmp_path), LARGE)
