"""Colours turned round, one channel for three, bytes that wrap: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, run_doctor, silent
from test_input_backbone import fetching  # noqa: F401 - a fixture for every test here

pytestmark = pytest.mark.gradients

BGR, GREY, WRAP = RULES = ("channel-order-bgr", "grey-to-rgb-missing", "dtype-wrap")

OFFLINE = """
import numpy as np, keras
from keras import layers
import keras.src.utils.file_utils as files

def offline(*args, **kwargs):
    raise Exception("URL fetch failure on https://example.org: None")

files.get_file = offline
rng = np.random.default_rng(0)
y = rng.integers(0, 2, 24)
"""

OPENCV = '''
"""A stand-in that reads as OpenCV does: blue, green, red."""
import numpy as np
from PIL import Image

COLOR_BGR2RGB = 4

def imread(path):
    return np.asarray(Image.open(path).convert("RGB"))[..., ::-1].copy()

def cvtColor(picture, code):
    return picture[..., ::-1].copy()

def resize(picture, size):
    return np.asarray(Image.fromarray(picture).resize(size))
'''

READ = """
import cv2
from PIL import Image
for i, label in enumerate(y):
    noise = rng.integers(0, 60, size=(40, 40, 3)) + np.array([180, 60 + 60 * label, {blue}])
    Image.fromarray(noise.astype("uint8")).save(f"{{i}}.png")
pictures = []
for i in range(len(y)):
    picture = cv2.imread(f"{{i}}.png")
    {convert}
    pictures.append(cv2.resize(picture, (32, 32)))
x = keras.applications.vgg16.preprocess_input(np.array(pictures, dtype="float32"))
base = keras.applications.VGG16(include_top=False, input_shape=(32, 32, 3), pooling="avg"{weights})
model = keras.Sequential([base, layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(x, y)
"""


@pytest.mark.parametrize(
    ("convert", "blue", "weights", "found"),
    [
        ("", "20", "", True),
        ("picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)", "20", "", False),
        ("picture = picture[:, :, ::-1]", "20", "", False),
        ("", "180", "", False),
        ("", "20", ", weights=None", False),
    ],
)
def test_blue_for_red(convert: str, blue: str, weights: str, found: bool, tmp_path: Path) -> None:
    (tmp_path / "cv2.py").write_text(OPENCV, encoding="utf-8")
    program = OFFLINE + READ.format(convert=convert, blue=blue, weights=weights)
    diagnosis = run_doctor(program, tmp_path, select=RULES)
    if found:
        assert line_of(only(diagnosis, BGR), tmp_path).startswith("picture = cv2.imread(")
    else:
        silent(diagnosis, *RULES)


CHANNEL = """
x = rng.integers(0, 256, size=(24, 32, 32, 1)).astype("float32")
base = keras.applications.VGG16(include_top=False, input_shape=(32, 32, {channels}), pooling="avg"{weights})
model = keras.Sequential([{first}base, layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(x, y)
"""


@pytest.mark.parametrize(
    ("channels", "weights", "first", "line"),
    [
        (3, "", "", "x = rng.integers"),
        (1, "", "", "base = keras.applications.VGG16("),
        (3, "", "layers.Lambda(lambda t: keras.ops.repeat(t, 3, axis=-1)), ", None),
        (3, "", "layers.Conv2D(3, 1), ", None),
        (1, ", weights=None", "", None),
    ],
)
def test_one_channel_for_three(
    channels: int, weights: str, first: str, line: str | None, tmp_path: Path
) -> None:
    program = OFFLINE + CHANNEL.format(channels=channels, weights=weights, first=first)
    diagnosis = run_doctor(program, tmp_path, select=RULES)
    if line is None:
        silent(diagnosis, *RULES)
        return
    found = diagnosis.of(GREY)
    assert len(found) == 1, diagnosis.crash
    assert line_of(found[0], tmp_path).startswith(line)


BYTES = """
x = rng.integers(0, 256, size=(24, 16, 16, 3)).astype("uint8")
{step}
model = keras.Sequential([layers.Flatten(), layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(x, y)
"""


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ('x = (x - 128).astype("float32")', True),
        ('x = x * 2 - 255\nx = x.astype("float32") / 255', True),
        ("x = x - 127", True),
        ('x = x.astype("float32") - 128', False),
        ("x = (x - 127.5) / 127.5", False),
        ('x = x.astype("float32")\nx = x - 128\nx = x + 128', False),
        ("", False),
    ],
)
def test_bytes_that_wrap(step: str, found: bool, tmp_path: Path) -> None:
    diagnosis = run_doctor(OFFLINE + BYTES.format(step=step), tmp_path, select=RULES)
    if found:
        assert line_of(only(diagnosis, WRAP), tmp_path) == step.splitlines()[0]
    else:
        silent(diagnosis, *RULES)
