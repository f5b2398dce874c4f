"""Pixels at a backbone's entry: each fault has one name, its mended form and its traps are silent."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

from headstart.core import backend

pytestmark = [pytest.mark.gradients, pytest.mark.slow]  # Each case builds a whole net.

MISMATCH, RAW, HALF, INSIDE, TWICE, AGAIN = RULES = (
    "backbone-preprocess-mismatch",
    "backbone-raw-pixels",
    "half-range-scaling",
    "backbone-double-rescale",
    "double-rescale",
    "preprocess-in-place-twice",
)

# Weights that cannot be fetched: random ones stand in, and the range decides.
PICTURES = """
import numpy as np, keras
from keras import layers
import keras.src.utils.file_utils as files

def offline(*args, **kwargs):
    raise Exception("URL fetch failure on https://example.org: None")

files.get_file = offline
keras.src.applications.{family}.file_utils.get_file = offline

rng = np.random.default_rng(0)
y = rng.integers(0, 2, 24)
x = rng.integers(0, 200, size=(24, 32, 32, 3)) + 55 * y[:, None, None, None]
x = x.astype("float32")
"""

HEAD = """
base = keras.applications.{net}(include_top=False, input_shape=(32, 32, 3), pooling="avg")
base.trainable = False
model = keras.Sequential([keras.Input((32, 32, 3)), {scale}base, layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(x, y, epochs=2)
"""

NETS = {
    "mobilenet_v2": "MobileNetV2",
    "mobilenet_v3": "MobileNetV3Small",
    "vgg16": "VGG16",
    "densenet": "DenseNet121",
    "efficientnet": "EfficientNetB0",
}


@pytest.fixture(autouse=True)
def fetching():
    """Puts back what the programs take away."""
    backend.ensure(gradients=True)
    import keras.src.utils.file_utils as files

    kept = files.get_file
    yield
    files.get_file = kept


def program(family: str, scale: str = "", before: str = "") -> str:
    return PICTURES.format(family=family) + before + HEAD.format(net=NETS[family], scale=scale)


@pytest.mark.parametrize(
    ("family", "scale", "before", "rule", "line"),
    [
        ("mobilenet_v2", "", "", RAW, "base = keras"),
        ("vgg16", "", "", RAW, "base = keras"),
        ("mobilenet_v2", "layers.Rescaling(1 / 255), ", "", HALF, "model = keras.Sequential"),
        ("mobilenet_v2", "", "x = x / 255.0\n", HALF, "x = x / 255.0"),
        ("mobilenet_v3", "layers.Rescaling(1 / 255), ", "", INSIDE, "model = keras.Sequential"),
        ("mobilenet_v3", "", "x /= 255\n", INSIDE, "x /= 255"),
        ("efficientnet", "layers.Rescaling(1 / 127.5, offset=-1), ", "", INSIDE, "model = keras.Sequential"),
        ("vgg16", "layers.Rescaling(1 / 255), ", "", MISMATCH, "model = keras.Sequential"),
        ("densenet", "layers.Rescaling(1 / 127.5, offset=-1), ", "", MISMATCH, "model = keras.Sequential"),
        (
            "vgg16",
            "",
            "x = keras.applications.vgg16.preprocess_input(x / 255.0)\n",
            MISMATCH,
            "x = keras.applications.vgg16",
        ),
        ("vgg16", "layers.Rescaling(1 / 255), ", "x = x / 255.0\n", TWICE, "model = keras.Sequential"),
        (
            "mobilenet_v2",
            "",
            "x = keras.applications.mobilenet_v2.preprocess_input(x / 255.0)\n",
            TWICE,
            "x = keras.applications.mobilenet_v2",
        ),
        (
            "mobilenet_v2",
            "",
            "x = keras.applications.mobilenet_v2.preprocess_input(x)\n"
            "x = keras.applications.mobilenet_v2.preprocess_input(x)\n",
            AGAIN,
            "x = keras.applications.mobilenet_v2",
        ),
    ],
)
def test_one_fault_has_one_name(
    family: str, scale: str, before: str, rule: str, line: str, tmp_path: Path
) -> None:
    diagnosis = run_doctor(program(family, scale, before), tmp_path, select=RULES)
    assert [f.rule for f in diagnosis.all_findings] == [rule]
    finding = only(diagnosis, rule)
    assert line_of(finding, tmp_path).startswith(line)
    assert finding.severity != "info"
    if finding.edit is not None:
        silent(run_doctor(repaired(diagnosis, rule), tmp_path, select=RULES), *RULES)
    else:
        assert rule in (MISMATCH, TWICE, AGAIN)


@pytest.mark.parametrize(
    ("family", "scale", "before"),
    [
        ("mobilenet_v2", "layers.Rescaling(1 / 127.5, offset=-1), ", ""),
        ("mobilenet_v2", "", "x = keras.applications.mobilenet_v2.preprocess_input(x)\n"),
        ("vgg16", "layers.Lambda(keras.applications.vgg16.preprocess_input), ", ""),
        ("efficientnet", "", "x = keras.applications.efficientnet.preprocess_input(x)\n"),
        # Dark pictures, and a copy for a second net.
        ("mobilenet_v2", "layers.Rescaling(1 / 127.5, offset=-1), ", "x = x * 0.2\n"),
        (
            "vgg16",
            "",
            "z = keras.applications.mobilenet_v2.preprocess_input(x.copy())\n"
            "x = keras.applications.vgg16.preprocess_input(x)\n",
        ),
        (
            "vgg16",
            "",
            "z = x.astype('uint8')\n"
            "a = keras.applications.vgg16.preprocess_input(z)\n"
            "x = keras.applications.vgg16.preprocess_input(z)\n",
        ),
    ],
)
def test_its_own_scaling_is_silent(family: str, scale: str, before: str, tmp_path: Path) -> None:
    silent(run_doctor(program(family, scale, before), tmp_path, select=RULES), *RULES)


@pytest.mark.parametrize("scale", ["", "layers.Rescaling(1 / 255), "])
def test_trap_a_net_from_random_weights(scale: str, tmp_path: Path) -> None:
    source = program("mobilenet_v2", scale).replace("include_top", "weights=None, include_top")
    source = source.replace("base.trainable = False", "")
    silent(run_doctor(source, tmp_path, select=RULES), *RULES)


def test_trap_the_inner_scaling_taken_out(tmp_path: Path) -> None:
    source = program("mobilenet_v3", "layers.Rescaling(1 / 127.5, offset=-1), ")
    source = source.replace("include_top", "include_preprocessing=False, include_top")
    silent(run_doctor(source, tmp_path, select=RULES), *RULES)


FEATURES = """
base = keras.applications.MobileNetV2(include_top=False, input_shape=(32, 32, 3), pooling="avg")
features = base.predict({given})
model = keras.Sequential([keras.Input(features.shape[1:]), layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(features, y, epochs=2)
"""


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ("x", RAW),
        ("x / 255", HALF),
        ("x / 127.5 - 1", None),
        ("keras.applications.mobilenet_v2.preprocess_input(x)", None),
        ("keras.applications.vgg16.preprocess_input(x)", MISMATCH),
    ],
)
def test_features_that_were_taken_before_the_fit(given: str, rule: str | None, tmp_path: Path) -> None:
    source = PICTURES.format(family="mobilenet_v2") + FEATURES.format(given=given)
    diagnosis = run_doctor(source, tmp_path, select=RULES)
    assert diagnosis.fits
    assert [f.rule for f in diagnosis.all_findings] == ([rule] if rule else [])


TWO_NETS = """
a = keras.applications.VGG16(include_top=False, input_shape=(32, 32, 3), pooling="avg")
b = keras.applications.MobileNetV2(include_top=False, input_shape=(32, 32, 3), pooling="avg")
first = a.predict(keras.applications.vgg16.preprocess_input({x}))
second = b.predict(keras.applications.mobilenet_v2.preprocess_input({x}))
features = np.concatenate([first, second], axis=1)
model = keras.Sequential([keras.Input(features.shape[1:]), layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(features, y, epochs=2)
"""


def test_one_array_for_two_nets(tmp_path: Path) -> None:
    pictures = (
        PICTURES.format(family="vgg16")
        + "keras.src.applications.mobilenet_v2.file_utils.get_file = offline\n"
    )
    diagnosis = run_doctor(pictures + TWO_NETS.format(x="x"), tmp_path, select=RULES)
    assert line_of(only(diagnosis, AGAIN), tmp_path).startswith("second = b.predict(")
    assert len(diagnosis.all_findings) == 1
    silent(run_doctor(pictures + TWO_NETS.format(x="x.copy()"), tmp_path, select=RULES), *RULES)
