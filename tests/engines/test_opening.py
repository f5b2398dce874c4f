"""From a Keras model to an engine: export, the check of the rewritten graph, what is kept of it."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from headstart import engines
from headstart.core import outcomes
from headstart.core.errors import EngineError
from headstart.engines.openvino import check, opening
from headstart.engines.openvino.channels_first import transposes
from headstart.engines.openvino.graph import fingerprint

from . import networks

SIZE = 24


def network(keras: ModuleType, seed: int = 0, flatten: bool = False) -> object:
    pixels = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(6, 3, strides=2, activation="relu")(keras.layers.Rescaling(1 / 255)(pixels))
    x = keras.layers.BatchNormalization()(x)
    end = keras.layers.Flatten() if flatten else keras.layers.GlobalAveragePooling2D()
    made = keras.Model(pixels, end(x))
    networks.randomise(made, seed)
    return made


def clock(monkeypatch: pytest.MonkeyPatch, exported: float, rewritten: float) -> None:
    """Lets the check measure such times, in turns: on a network this small, real ones are noise."""
    turns = itertools.cycle((0.0, exported, 0.0, rewritten))
    monkeypatch.setattr(check, "time", SimpleNamespace(perf_counter=lambda: next(turns)))


def test_the_rewritten_graph_is_taken_where_it_agrees(
    keras: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(monkeypatch, exported=1.0, rewritten=1.0)
    prepared = opening.prepare(network(keras))
    assert prepared.notes == ()
    assert transposes(prepared.graph) == 1


def test_the_exported_graph_is_taken_where_the_rewritten_one_is_slower(
    keras: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock(monkeypatch, exported=1.0, rewritten=2.0)
    prepared = opening.prepare(network(keras))
    assert "ran at 0.50 times" in prepared.notes[0]
    assert transposes(prepared.graph) > 1


def test_a_wrong_rewrite_is_noticed_and_not_taken(
    keras: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def wrong(graph: ov.Model) -> ov.Model:
        made = opening_rewrite(graph)
        result = made.get_results()[0]
        result.input(0).replace_source_output(
            ops.multiply(result.input_value(0), ops.constant(np.float32(1.001))).output(0)
        )
        made.validate_nodes_and_infer_types()
        return made

    opening_rewrite = opening.rewrite
    monkeypatch.setattr(opening, "rewrite", wrong)
    model = network(keras)
    for _ in range(2):  # the second time from what was kept
        engine = engines.open_openvino(model, precision="f32", cache=tmp_path)
        assert "differed from the exported one by 1.0e-03" in engine.info.notes[0]
        plain = engines.open_openvino(model, precision="f32", channels_first=False)
        batch = [(0, networks.pictures(3, SIZE))]
        ((_, a),), ((_, b),) = engine.run(batch), plain.run(batch)
        np.testing.assert_array_equal(a, b)


def test_a_slower_graph_is_not_taken() -> None:
    assert check.Check(0.0, 1.0).passed
    assert check.Check(1e-5, 0.95).passed
    assert not check.Check(0.0, 0.5).passed
    assert "0.50 times" in check.Check(0.0, 0.5).note()
    assert not check.Check(float("inf"), 3.0).passed


def test_differences_are_relative_and_notice_what_is_no_number() -> None:
    a = np.array([[1.0, -4.0]], np.float32)
    assert check.difference(a, a) == 0
    assert check.difference(a, a + np.float32(0.04)) == pytest.approx(0.01, rel=1e-3)
    assert check.difference(a, np.array([[np.nan, -4]], np.float32)) == np.inf
    assert check.difference(a * 0, a * 0) == 0
    assert check.difference(a * 0, a) == np.inf


def test_the_check_is_kept_and_not_repeated(
    keras: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    checks = 0
    compare = check.compare

    def counted(*args: object) -> check.Check:
        nonlocal checks
        checks += 1
        return compare(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(check, "compare", counted)
    model = network(keras)
    for expected in (1, 1):
        engines.open_openvino(model, precision="f32", cache=tmp_path).close()
        assert checks == expected
    engines.open_openvino(network(keras, seed=1), precision="f32", cache=tmp_path).close()
    assert checks == 2, "other weights are another graph"
    for file in (tmp_path / "outcomes").iterdir():
        file.write_text("{", encoding="utf-8")
    engines.open_openvino(model, precision="f32", cache=tmp_path).close()
    assert checks == 3, "what is damaged is not believed"
    engines.open_openvino(model, precision="f32").close()
    assert checks == 4, "nothing is kept without a folder"


def test_verdicts_about_something_else_are_not_believed(tmp_path: Path) -> None:
    outcomes.keep(tmp_path, "kind", {"a": 1}, {"x": 2.0})
    assert outcomes.recall(tmp_path, "kind", {"a": 1}) == {"x": 2.0}
    assert outcomes.recall(tmp_path, "kind", {"a": 2}) is None
    assert outcomes.recall(tmp_path, "other", {"a": 1}) is None
    assert outcomes.recall(None, "kind", {"a": 1}) is None
    (file,) = (tmp_path / "outcomes").iterdir()
    kept = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**kept, "about": {"a": 3}}), encoding="utf-8")
    assert outcomes.recall(tmp_path, "kind", {"a": 1}) is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    outcomes.keep(file, "kind", {"a": 1}, {"x": 2.0})
    assert outcomes.recall(file, "kind", {"a": 1}) is None


def test_fingerprints_tell_graphs_apart(keras: ModuleType) -> None:
    model = network(keras)
    one, again = (fingerprint(networks.exported(model)) for _ in range(2))
    assert one == again
    assert one != fingerprint(networks.exported(network(keras, seed=1)))
    assert one != fingerprint(networks.exported(network(keras, flatten=True)))


def test_a_trunk_that_flattens_runs(keras: ModuleType) -> None:
    model = network(keras, flatten=True)
    ours, plain = (engines.open_openvino(model, precision="f32", channels_first=c) for c in (True, False))
    batch = [(0, networks.pictures(5, SIZE))]
    ((_, a),), ((_, b),) = ours.run(batch), plain.run(batch)
    assert a.shape == (5, 11 * 11 * 6)
    assert networks.apart(b, a) <= 1e-4


def test_drawn_pictures_are_the_same_each_time() -> None:
    a, b = check.drawn((50, 70, 3)), check.drawn((50, 70, 3))
    assert a.shape == (check.PICTURES, 50, 70, 3)
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a[0], a[1])
    assert a.std() > 30


def test_models_of_another_kind_are_refused(keras: ModuleType) -> None:
    free = keras.Input((None, None, 3))
    with pytest.raises(EngineError, match="fixed height and width"):
        engines.open_openvino(keras.Model(free, keras.layers.GlobalAveragePooling2D()(free)), precision="f32")
    fixed = keras.Input((8, 8, 3))
    with pytest.raises(EngineError, match="GlobalAveragePooling2D"):
        engines.open_openvino(keras.Model(fixed, keras.layers.Reshape((64, 3))(fixed)), precision="f32")
    pooled = keras.layers.GlobalAveragePooling2D()(fixed)
    with pytest.raises(EngineError, match="2 outputs"):
        engines.open_openvino(keras.Model(fixed, [pooled, keras.layers.ReLU()(pooled)]), precision="f32")


def test_export_leaves_no_file(keras: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    graph = engines.export_graph(network(keras))
    assert list(tmp_path.iterdir()) == []
    (found,) = networks.outputs(graph, networks.pictures(1, SIZE).astype(np.float32))
    assert found.shape == (1, 6)


def test_a_model_that_cannot_be_exported_is_named(keras: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    model = network(keras)

    def refuse(*args: object, **kwargs: object) -> None:
        raise NotImplementedError("operation `fft` is not there")

    monkeypatch.setattr(model, "export", refuse)
    with pytest.raises(EngineError, match="operation `fft` is not there"):
        engines.export_graph(model)


def test_opening_imports_no_telemetry() -> None:
    """In a fresh process: OpenVINO's telemetry is neither imported nor leaves its client id in the home."""
    script = (
        "import sys\n"
        "from headstart import engines\n"
        "from headstart.core import backend\n"
        "keras = backend.ensure()\n"
        "i = keras.Input((16, 16, 3))\n"
        "m = keras.Model(i, keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(i)))\n"
        "engines.open_openvino(m, precision='f32')\n"
        "print([n for n in sys.modules if n.startswith('openvino_telemetry') and sys.modules[n]])\n"
    )
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "HOME": home, "USERPROFILE": home, "KERAS_HOME": f"{home}/keras"}
        done = subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == "[]"
        assert {path.name for path in Path(home).iterdir()} <= {"keras"}


@pytest.mark.gradients
@pytest.mark.slow
@pytest.mark.parametrize("name", ["tensorflow", "jax", "torch"])
def test_a_model_of_another_backend_is_exported_by_a_child(name: str, tmp_path: Path) -> None:
    pytest.importorskip(name)
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("on_another_backend.py")), name, str(tmp_path)],
        env={**os.environ, "KERAS_BACKEND": name, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
