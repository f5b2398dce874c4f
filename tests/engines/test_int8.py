"""A graph in int8: the same from the same pictures, kept under its own name, and silent in the making."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from headstart import engines
from headstart.core.errors import EngineError
from headstart.engines import int8_trial as trials
from headstart.engines.cosines import cosines
from headstart.engines.openvino import int8, opening

from . import networks

SIZE = 32


def test_without_nncf_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(int8.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"needs the package nncf.*pip install 'headstart\[int8\]'"):
        engines.require_int8()


def test_an_nncf_that_does_not_import_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nncf", None)
    with pytest.raises(EngineError, match=r"an import that failed.*headstart\[int8\]"):
        int8.quantise(None, [])


@pytest.fixture(scope="module")
def prepared(keras: ModuleType) -> opening.Prepared:
    pytest.importorskip("nncf", reason="int8 needs the extra headstart[int8]")
    pixels = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Rescaling(1 / 255)(pixels)
    for width in (16, 32):
        x = keras.layers.Conv2D(width, 3, activation="relu")(x)
    made = keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(x))
    networks.randomise(made)
    return opening.prepare(made)


def test_a_quantised_graph_agrees_and_prints_nothing(
    prepared: opening.Prepared, capfd: pytest.CaptureFixture[str]
) -> None:
    import logging

    before = logging.getLoggerClass()
    pictures = networks.pictures(12, SIZE)
    graph = int8.quantise(prepared.graph, list(pictures))
    assert [node.get_type_name() for node in graph.get_ops()].count("FakeQuantize") >= 2
    assert not any(node.get_type_name() == "FakeQuantize" for node in prepared.graph.get_ops())
    engine, exact = engines.compile_graph(graph, "int8"), prepared.open("f32")
    assert engine.info.precision == "int8"
    found = cosines(trials.features(engine, pictures), trials.features(exact, pictures))
    assert found.min() > 0.99
    assert np.abs(trials.features(engine, pictures) - trials.features(exact, pictures)).max() > 0
    assert logging.getLoggerClass() is before
    assert tuple(capfd.readouterr()) == ("", "")


def test_the_same_pictures_give_the_same_name(prepared: opening.Prepared, tmp_path: Path) -> None:
    pictures = list(networks.pictures(8, SIZE))
    names = [int8.keep(int8.quantise(prepared.graph, pictures), "trunk", tmp_path) for _ in range(2)]
    other = int8.keep(int8.quantise(prepared.graph, [p // 3 for p in pictures]), "trunk", tmp_path)
    assert names[0] == names[1] != other
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        name + suffix for name in (names[0], other) for suffix in int8.SUFFIXES
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert int8.copy(other, tmp_path, elsewhere) == (other + ".bin", other + ".xml")
    graph = int8.read(other, "trunk", elsewhere)
    assert graph is not None
    engines.compile_graph(graph, "int8").close()


def test_what_is_not_what_its_name_says_is_not_read(prepared: opening.Prepared, tmp_path: Path) -> None:
    name = int8.keep(int8.quantise(prepared.graph, list(networks.pictures(8, SIZE))), "trunk", tmp_path)
    assert int8.read(name, "another trunk", tmp_path) is None
    assert int8.read("int8-0123456789abcdef", "trunk", tmp_path) is None
    weights = tmp_path / f"{name}.bin"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    assert int8.read(name, "trunk", tmp_path) is None
    (tmp_path / f"{name}.xml").write_text("no graph", encoding="utf-8")
    assert int8.read(name, "trunk", tmp_path) is None
