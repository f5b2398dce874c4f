"""`headstart trunk`: the numbers in the text are the model's."""

from __future__ import annotations

from headstart.cli.trunk import command
from headstart.core import backend
from headstart.frozen import trunk_picture

keras = backend.ensure()
L = keras.layers


def test_what_keeping_saves(make_frozen):
    model = keras.Sequential(
        [make_frozen(), L.GlobalAveragePooling2D(name="pool"), L.Dropout(0.5), L.Dense(3)]
    )
    text = trunk_picture(model, epochs=10)
    frozen, trained = 8 * 8 * 27 * 4 + 6 * 6 * 36 * 6, 18
    times = 10 * (frozen + 3 * trained) / (frozen + 30 * trained)
    assert f"{times:.1f} times fewer" in text
    assert "trunk (frozen)" in text
    assert f"{4 * 27 + 4 + 16 + 6 * 36 + 6}" in text
    assert "'pool' 6, 6 numbers" in text


def test_why_nothing_can_be_kept(make_base):
    text = trunk_picture(keras.Sequential([make_base(), L.Flatten(), L.Dense(3)]))
    assert "Nothing can be kept" in text
    assert "'first' has 2 trainable weights" in text


def test_the_command_reads_a_file(make_frozen, tmp_path, capsys):
    model = keras.Sequential([keras.Input((10, 10, 3)), make_frozen(), L.Flatten(name="flat"), L.Dense(3)])
    path = tmp_path / "model.keras"
    model.save(path)
    before = path.read_bytes()
    assert command(path) == 0
    assert "'flat' 216" in capsys.readouterr().out
    assert path.read_bytes() == before
