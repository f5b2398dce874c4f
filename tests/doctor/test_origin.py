"""The question that headstart began with, with genuine VGG19 weights under a random top."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support import line_of, only

pytestmark = [pytest.mark.gradients, pytest.mark.shared, pytest.mark.slow]

pytest.importorskip("tensorflow", reason="image_dataset_from_directory reads through TensorFlow")

ORIGIN = Path(__file__).resolve().parents[2] / "examples" / "origin.py"

MAKE = """
import sys, keras
trunk = keras.applications.VGG19(weights=sys.argv[1], include_top=False)
whole = keras.applications.VGG19(weights=None)
for mine, theirs in zip(whole.layers, trunk.layers):
    mine.set_weights(theirs.get_weights())
whole.save_weights(sys.argv[2])
"""


@pytest.fixture(scope="module")
def weights(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vgg19")
    keras = shared / "keras"
    trunk, whole = folder / "notop.h5", folder / "whole.weights.h5"
    run = [sys.executable, str(keras / "dequantize.py"), str(keras / "vgg19_notop_u8.npz"), str(trunk)]
    subprocess.run(run, check=True, capture_output=True)
    subprocess.run([sys.executable, "-c", MAKE, str(trunk), str(whole)], check=True, capture_output=True)
    trunk.unlink()
    return whole


def examined(source: str, shared: Path, weights: Path, tmp_path: Path):
    from headstart.doctor.examination import examine

    script = tmp_path / "origin.py"
    script.write_text(source, encoding="utf-8")
    with (tmp_path / "output.txt").open("wb") as output:
        return examine(script, [str(shared / "data" / "cats_dogs"), str(weights)], output=output, timeout=300)


def test_five_faults_at_their_lines_in_the_order_of_their_harm(
    shared: Path, weights: Path, tmp_path: Path
) -> None:
    diagnosis = examined(ORIGIN.read_text(encoding="utf-8"), shared, weights, tmp_path)
    assert [f.rule for f in diagnosis.findings] == [
        "softmax-one-unit",
        "fit-removed-arguments",
        "backbone-preprocess-mismatch",
        "classifier-top-kept",
        "frozen-base-recomputed",
    ]
    lines = [line_of(f, tmp_path, "origin.py").split("(")[0] for f in diagnosis.findings]
    assert lines == [
        "layers.Dense",
        "history = model.fit",
        "layers.Rescaling",
        "base = VGG19",
        "history = model.fit",
    ]
    assert all(f.edit is not None and f.edit.safe for f in diagnosis.findings)


def test_the_accepted_answer_to_the_letter(shared: Path, weights: Path, tmp_path: Path) -> None:
    source = ORIGIN.read_text(encoding="utf-8").replace("include_top=True", "include_top=False")
    source = source.replace(
        "base = VGG19(include_top=False", "base = VGG19(input_shape=(224, 224, 3), include_top=False"
    )
    diagnosis = examined(source, shared, weights, tmp_path)
    finding = only(diagnosis, "pooling-missing")
    assert finding.evidence["shape of the map"] == "7 x 7 x 512"
    assert line_of(finding, tmp_path, "origin.py").startswith("base = VGG19(")
    assert not diagnosis.of("classifier-top-kept")


def test_ten_looks_say_the_same(shared: Path, weights: Path, tmp_path: Path) -> None:
    source = ORIGIN.read_text(encoding="utf-8")
    looks = []
    for _ in range(10):
        diagnosis = examined(source, shared, weights, tmp_path)
        looks.append(
            [(f.rule, f.severity, f.place.line, f.message.split(":")[0]) for f in diagnosis.findings]
        )
    assert looks == [looks[0]] * 10
