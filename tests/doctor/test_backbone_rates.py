"""backbone-unfrozen-high-rate and finetune-rate-high: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent
from test_backbone_flags import COMPILE, DATA, FIT, FREEZE, HEAD_OF, TRAINED

pytestmark = [pytest.mark.gradients, pytest.mark.slow]  # Each case builds a whole net.

WHOLE, SECOND = RULES = ("backbone-unfrozen-high-rate", "finetune-rate-high")
BASE = (
    "base = keras.applications.MobileNet(\n"
    '    input_shape=(32, 32, 3), alpha=0.25, include_top=False, pooling="avg", weights="trained.weights.h5")\n'
)


def asked(program: str, tmp_path: Path, through: bool = False):
    return run_doctor(program, tmp_path, select=RULES, through=through)


def compiled(optimizer: str) -> str:
    return COMPILE.replace('"adam"', optimizer)


def test_whole_net_at_a_rate_from_scratch(tmp_path: Path) -> None:
    diagnosis = asked(DATA + BASE + HEAD_OF + COMPILE + FIT, tmp_path)
    finding = only(diagnosis, WHOLE)
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path).startswith("base = keras.applications.MobileNet(")
    mended = repaired(diagnosis, WHOLE)
    assert "base.trainable = False\nmodel.compile(" in mended
    silent(asked(mended, tmp_path), *RULES)


SCHEDULE = "keras.optimizers.schedules.CosineDecay(0.0, 100, warmup_target=1e-3, warmup_steps=50)"


@pytest.mark.parametrize(
    "program",
    [
        BASE + HEAD_OF + compiled("keras.optimizers.Adam(1e-4)") + FIT,
        BASE + HEAD_OF + compiled("keras.optimizers.SGD(0.01, momentum=0.9)") + FIT,
        BASE + HEAD_OF + compiled(f"keras.optimizers.Adam({SCHEDULE})") + FIT,
        BASE.replace('"trained.weights.h5"', "None") + HEAD_OF + COMPILE + FIT,
        BASE + "for layer in base.layers[:-20]:\n    layer.trainable = False\n" + HEAD_OF + COMPILE + FIT,
        BASE
        + HEAD_OF
        + COMPILE
        + FIT.replace(
            "verbose=0", "verbose=0, callbacks=[keras.callbacks.LearningRateScheduler(lambda e: 1e-5)]"
        ),
        BASE
        + HEAD_OF
        + COMPILE
        + FIT.replace("model.fit(x, y", "model.fit(np.resize(x, (12000, 32, 32, 3)), np.resize(y, 12000)"),
        BASE + "inputs = keras.Input((32, 32, 3))\nfeatures = base.get_layer('conv_pw_3_relu').output\n"
        "masks = layers.UpSampling2D(4)(layers.Conv2D(1, 1, activation='sigmoid')(features))\n"
        "model = keras.Model(base.input, masks)\nmodel.compile('adam', 'binary_crossentropy')\n"
        "model.fit(x[:16], (x[:16, ..., :1] > 0.5) * 1.0, verbose=0)\n",
    ],
    ids=["fine", "sgd", "warm-up", "no-weights", "partly", "scheduler", "many-rows", "segmentation"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(asked(DATA + program, tmp_path), *RULES)


FIRST = TRAINED + FREEZE + HEAD_OF + COMPILE + FIT + "base.trainable = True\n"


@pytest.mark.parametrize(
    ("optimizer", "line", "mended"),
    [
        ('"adam"', "model.compile(", "keras.optimizers.Adam(learning_rate=1e-05)"),
        (
            "keras.optimizers.Adam(learning_rate=1e-3)",
            "model.compile(",
            "keras.optimizers.Adam(learning_rate=1e-05)",
        ),
        ("keras.optimizers.RMSprop(0.001)", "model.compile(", "keras.optimizers.RMSprop(1e-05)"),
    ],
)
def test_second_phase_at_the_first_rate(optimizer: str, line: str, mended: str, tmp_path: Path) -> None:
    program = DATA + FIRST + compiled(optimizer) + FIT
    diagnosis = asked(program, tmp_path, through=True)
    finding = only(diagnosis, SECOND)
    assert line_of(finding, tmp_path).startswith(line)
    assert finding.place is not None
    assert finding.place.line > 25  # the second compile
    text = repaired(diagnosis, SECOND)
    assert mended in text
    silent(asked(text, tmp_path, through=True), *RULES)


def test_a_rate_given_by_position_on_a_line_of_its_own(tmp_path: Path) -> None:
    program = DATA + FIRST + "opt = keras.optimizers.Adam(0.001)\n" + compiled("opt") + FIT
    text = repaired(asked(program, tmp_path, through=True), SECOND)
    assert "opt = keras.optimizers.Adam(1e-05)" in text


@pytest.mark.parametrize(
    "optimizer",
    ["keras.optimizers.Adam(1e-5)", f"keras.optimizers.Adam({SCHEDULE})", "keras.optimizers.SGD(0.001)"],
)
def test_trap_second_phase_at_a_fine_rate(optimizer: str, tmp_path: Path) -> None:
    silent(asked(DATA + FIRST + compiled(optimizer) + FIT, tmp_path, through=True), *RULES)


def test_trap_a_second_fit_of_the_head(tmp_path: Path) -> None:
    program = DATA + TRAINED + FREEZE + HEAD_OF + COMPILE + FIT + COMPILE + FIT
    silent(asked(program, tmp_path, through=True), *RULES)


def test_trap_freed_without_a_new_compile(tmp_path: Path) -> None:
    """The weights are not trained at all: `unfreeze-without-recompile` says so."""
    silent(asked(DATA + FIRST + FIT, tmp_path, through=True), SECOND)
