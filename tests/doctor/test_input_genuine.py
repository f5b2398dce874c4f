"""The rules on a backbone's pixels with genuine weights and real pictures, where features are measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent
from test_transfer import LOAD, mobile

pytestmark = [pytest.mark.gradients, pytest.mark.shared]

MISMATCH, RAW, HALF, TWICE, SIZE, OTHER = RULES = (
    "backbone-preprocess-mismatch",
    "backbone-raw-pixels",
    "half-range-scaling",
    "double-rescale",
    "input-size-too-small",
    "wrong-application-preprocess",
)


@pytest.fixture
def load(shared: Path) -> str:
    return LOAD.format(
        home=(shared / "keras").as_posix(), pictures=(shared / "data" / "cats_dogs").as_posix()
    )


@pytest.fixture
def weights(shared: Path) -> str:
    return (shared / "keras" / "models" / "mobilenet_2_5_224_tf_no_top.h5").as_posix()


@pytest.mark.parametrize(
    ("scale", "rule"),
    [
        ("", RAW),
        ("layers.Rescaling(1 / 255),", HALF),
        ("layers.Rescaling(1 / 255), layers.Rescaling(1 / 255),", TWICE),
        ("layers.Rescaling(1 / 127.5, offset=-1),", None),
    ],
)
def test_measured_on_the_features(
    scale: str, rule: str | None, load: str, weights: str, tmp_path: Path
) -> None:
    diagnosis = run_doctor(load + mobile(weights, scale), tmp_path, select=RULES)
    assert diagnosis.fits
    assert [f.rule for f in diagnosis.all_findings if f.severity != "info"] == ([rule] if rule else [])
    if rule in (RAW, HALF):
        likeness = only(diagnosis, rule).evidence["likeness of the features to those under its own scaling"]
        assert float(likeness) < 0.9  # type: ignore[arg-type]
        silent(run_doctor(repaired(diagnosis, rule), tmp_path, select=RULES), *RULES)


def test_where_the_wrong_scaling_came_from(load: str, weights: str, tmp_path: Path) -> None:
    program = load + "x = keras.applications.vgg19.preprocess_input(x)\n" + mobile(weights, "")
    diagnosis = run_doctor(program, tmp_path, select=RULES)
    assert line_of(only(diagnosis, MISMATCH), tmp_path).startswith("x = keras.applications.vgg19")
    remark = only(diagnosis, OTHER)
    assert remark.severity == "info"
    assert remark in only(diagnosis, MISMATCH).folded
    program = program.replace("vgg19", "mobilenet")
    silent(run_doctor(program, tmp_path, select=RULES), *RULES)


@pytest.mark.parametrize(("side", "found"), [(32, True), (96, False)])
def test_one_place_is_left(side: int, found: bool, load: str, weights: str, tmp_path: Path) -> None:
    program = load + mobile(weights, "layers.Rescaling(1 / 127.5, offset=-1),")
    program = program.replace("(96, 96)", f"({side}, {side})").replace("(96, 96, 3)", f"({side}, {side}, 3)")
    diagnosis = run_doctor(program, tmp_path, select=RULES)
    if found:
        finding = only(diagnosis, SIZE)
        assert line_of(finding, tmp_path).startswith("base = keras.applications.MobileNet(")
        assert finding.evidence["places of the last map"] == "1 x 1"
    else:
        silent(diagnosis, SIZE)


def test_trap_small_pictures_for_a_net_of_ones_own(load: str, tmp_path: Path) -> None:
    program = load + mobile("none", "layers.Rescaling(1 / 127.5, offset=-1),").replace('"none"', "None")
    program = program.replace("(96, 96", "(32, 32").replace("base.trainable = False", "")
    silent(run_doctor(program, tmp_path, select=RULES), *RULES)
