"""Rules on how a net was put together and loaded: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent
from test_backbone_flags import COMPILE, DATA, FIT, FREEZE, HEAD_OF, TRAINED

pytestmark = [pytest.mark.gradients, pytest.mark.slow]  # Each case builds a whole net.

POP, PAST, ROW, LOAD, RANDOM = RULES = (
    "layers-pop",
    "preprocess-bypassed",
    "base-rebuilt-loses-graph",
    "load-weights-silent",
    "random-backbone-frozen",
)


def asked(program: str, tmp_path: Path, through: bool = False):
    return run_doctor(program, tmp_path, select=RULES, through=through)


# ----- load-weights-silent -------------------------------------------------------------------------

OTHER = """
other = keras.Sequential([keras.Input((5,)), layers.Dense(3), layers.Dense(7)])
other.save_weights("other.weights.h5")
base = net()
"""


def test_nothing_matched(tmp_path: Path) -> None:
    load = 'base.load_weights("other.weights.h5", skip_mismatch=True)\n'
    diagnosis = asked(DATA + OTHER + load + FREEZE + HEAD_OF + COMPILE + FIT, tmp_path)
    finding = only(diagnosis, LOAD)
    assert line_of(finding, tmp_path) == load.strip()
    assert [f.rule for f in finding.folded] == [RANDOM]


def test_nothing_matched_by_name(tmp_path: Path) -> None:
    program = DATA + OTHER.replace("other.weights.h5", "own.weights.h5") + "import h5py\n"
    program += (
        "with h5py.File('old.h5', 'w') as f:\n"
        "    f.attrs['layer_names'] = [b'elsewhere']\n"
        "    g = f.create_group('elsewhere')\n    g.attrs['weight_names'] = []\n"
        "base.load_weights('old.h5', by_name=True)\n"
    )
    finding = only(asked(program + FREEZE + HEAD_OF + COMPILE + FIT, tmp_path), LOAD)
    assert line_of(finding, tmp_path) == "base.load_weights('old.h5', by_name=True)"


def test_trap_the_head_is_skipped_on_purpose(tmp_path: Path) -> None:
    ten = HEAD_OF.replace("layers.Dense(1,", "layers.Dense(10,")
    program = DATA + TRAINED + ten + 'model.save_weights("ten.weights.h5")\n' + TRAINED + HEAD_OF
    program += 'model.load_weights("ten.weights.h5", skip_mismatch=True)\n'
    silent(asked(program + FREEZE + COMPILE + FIT, tmp_path), *RULES)
    again = DATA + TRAINED + 'base.load_weights("trained.weights.h5", skip_mismatch=True)\n'
    silent(asked(again + FREEZE + HEAD_OF + COMPILE + FIT, tmp_path), *RULES)


# ----- layers-pop ----------------------------------------------------------------------------------

TOP = """
whole = keras.applications.MobileNet(input_shape=(32, 32, 3), alpha=0.25, weights=None, classes=20)
for layer in whole.layers:
    layer.set_weights([w + 0.01 for w in layer.get_weights()])
whole.trainable = False
"""


@pytest.mark.parametrize(
    "use",
    [
        "model = keras.Model(whole.input, layers.Dense(1, activation='sigmoid')(whole.layers[-1].output))\n",
        "model = keras.Sequential([whole, layers.Dense(1, activation='sigmoid')])\n",
    ],
)
def test_popped_from_a_copy(use: str, tmp_path: Path) -> None:
    finding = only(asked(DATA + TOP + "whole.layers.pop()\n" + use + COMPILE + FIT, tmp_path), POP)
    assert line_of(finding, tmp_path) == "whole.layers.pop()"
    assert finding.evidence["last layer, still there"] == "predictions"


def test_popped_in_a_function(tmp_path: Path) -> None:
    program = DATA + "def build():\n" + "".join(f"    {line}\n" for line in TOP.strip().splitlines())
    program += "    whole.layers.pop()\n    model = keras.Sequential([whole, layers.Dense(1, activation='sigmoid')])\n"
    program += "    return model\nmodel = build()\n"
    assert line_of(only(asked(program + COMPILE + FIT, tmp_path), POP), tmp_path) == "whole.layers.pop()"


def test_popped_from_a_sequential(tmp_path: Path) -> None:
    program = DATA + (
        "first = keras.Sequential([keras.Input((32, 32, 3)), layers.Flatten(), layers.Dense(8), layers.Dense(3)])\n"
        "first.layers.pop()\n"
        "model = keras.Sequential([first, layers.Dense(1, activation='sigmoid')])\n"
    )
    diagnosis = asked(program + COMPILE + FIT, tmp_path)
    mended = repaired(diagnosis, POP)
    assert "\nfirst.pop()\n" in mended
    silent(asked(mended, tmp_path), *RULES)


@pytest.mark.parametrize(
    "use",
    [
        "model = keras.Model(whole.input, layers.Dense(1, activation='sigmoid')(layers.Flatten()(whole.layers[-4].output)))\n",
        "kept = list(whole.layers)\nkept.pop()\nmodel = keras.Sequential([whole, layers.Dense(1, activation='sigmoid')])\n",
    ],
    ids=["cut-before", "a-list-of-ones-own"],
)
def test_trap_pop_that_does_no_harm(use: str, tmp_path: Path) -> None:
    pop = "" if "kept" in use else "whole.layers.pop()\n"
    silent(asked(DATA + TOP + pop + use + COMPILE + FIT, tmp_path), POP)


# ----- preprocess-bypassed -------------------------------------------------------------------------

PIXELS = "x = np.round((x + 0.5) * 160)\n"
INPUTS = "inputs = keras.Input((32, 32, 3))\nscaled = layers.Rescaling(1 / 127.5, offset=-1)(inputs)\n"
PAST_IT = "model = keras.Model(base.input, layers.Dense(1, activation='sigmoid')(base.output))\n"
THROUGH_IT = "model = keras.Model(inputs, layers.Dense(1, activation='sigmoid')(base(scaled)))\n"


def test_built_past_the_scaling(tmp_path: Path) -> None:
    program = DATA + PIXELS + TRAINED + FREEZE + INPUTS
    finding = only(asked(program + PAST_IT + COMPILE + FIT, tmp_path), PAST)
    assert line_of(finding, tmp_path).startswith("scaled = layers.Rescaling(")
    silent(asked(program + THROUGH_IT + COMPILE + FIT, tmp_path), *RULES)


def test_built_past_the_augmentation(tmp_path: Path) -> None:
    program = DATA + TRAINED + FREEZE
    program += "inputs = keras.Input((32, 32, 3))\n"
    program += "augment = keras.Sequential([layers.RandomFlip('horizontal'), layers.RandomRotation(0.1)])\n"
    program += "scaled = augment(inputs)\n"
    finding = only(asked(program + PAST_IT + COMPILE + FIT, tmp_path), PAST)
    assert line_of(finding, tmp_path) == "scaled = augment(inputs)"
    silent(asked(program + THROUGH_IT + COMPILE + FIT, tmp_path), *RULES)


def test_trap_scaled_in_the_data_and_served_with_the_layer(tmp_path: Path) -> None:
    program = DATA + TRAINED + FREEZE + PAST_IT + INPUTS + "serving = keras.Model(inputs, model(scaled))\n"
    silent(asked(program + COMPILE + FIT, tmp_path), *RULES)
    scaled = DATA + PIXELS + "x = np.asarray(layers.Rescaling(1 / 127.5, offset=-1)(x))\n" + TRAINED + FREEZE
    silent(asked(scaled + PAST_IT + COMPILE + FIT, tmp_path), *RULES)


def test_trap_scaled_in_a_map(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    program = (
        DATA
        + PIXELS
        + TRAINED
        + FREEZE
        + (
            "import tensorflow as tf\nscale = layers.Rescaling(1 / 127.5, offset=-1)\n"
            "data = tf.data.Dataset.from_tensor_slices((x, y)).batch(16).map(lambda a, b: (scale(a), b))\n"
        )
    )
    silent(asked(program + PAST_IT + COMPILE + "model.fit(data, verbose=0)\n", tmp_path), *RULES)


# ----- base-rebuilt-loses-graph --------------------------------------------------------------------

BRANCHED = (
    "branched = keras.applications.MobileNetV2(input_shape=(32, 32, 3), alpha=0.35, include_top=False, weights=None)\n"
    "model = keras.Sequential([keras.Input((32, 32, 3))])\n"
)
END = "model.add(layers.GlobalAveragePooling2D())\nmodel.add(layers.Dense(1, activation='sigmoid'))\n"


def test_a_row_of_its_layers(tmp_path: Path) -> None:
    stops = "for layer in branched.layers[1:]:\n    model.add(layer)\n"
    diagnosis = asked(DATA + BRANCHED + stops + END + COMPILE + FIT, tmp_path)
    (finding,) = diagnosis.of(ROW)
    assert line_of(finding, tmp_path) == "model.add(layer)"


def test_a_row_without_the_joins(tmp_path: Path) -> None:
    skips = "for layer in branched.layers[1:]:\n    if not isinstance(layer, layers.Add):\n        model.add(layer)\n"
    finding = only(asked(DATA + BRANCHED + skips + END + COMPILE + FIT, tmp_path), ROW)
    assert line_of(finding, tmp_path) == "model.add(layer)"
    silent(asked(DATA + BRANCHED + "model.add(branched)\n" + END + COMPILE + FIT, tmp_path), ROW)


def test_trap_a_chain(tmp_path: Path) -> None:
    chain = DATA + (
        "chain = keras.applications.VGG16(input_shape=(32, 32, 3), include_top=False, weights=None)\n"
        "model = keras.Sequential([keras.Input((32, 32, 3))])\n"
        "for layer in chain.layers[1:]:\n    model.add(layer)\n"
    )
    silent(asked(chain + END + COMPILE + FIT, tmp_path), ROW)
