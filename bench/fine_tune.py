"""Fine-tuning on stored maps against plain Keras fine-tuning from pixels: an epoch's time, and what both reach.

    python bench/fine_tune.py --data NAME=PICTURES[:TEST] ... [--weights VGG19_FILE]
        [--part speed|efficientnet-lite0|vgg19]

Plain is the same network from raw pixels that lie decoded in memory, everything before the cut frozen, normalisation in
inference mode, on the same Keras backend (TensorFlow, unless KERAS_BACKEND names another), in batches of the same size.

- `speed`: VGG19 from block5 on, the first set; both train on the same number of pictures and measure the same number after
  each epoch. The first epoch, which builds the graph, is not counted.
- `efficientnet-lite0`: `headstart train` with and without `--fine-tune auto`, and plain fine-tuning: its head first on the
  frozen features, then from the same cut on, with random mirroring, parts and light drawn anew each epoch, and the same
  rate, schedule and number of epochs. Accuracy on TEST, else on the layout's test part, else on its validation part, which
  then serves as a test part: no side chooses anything by it.
- `vgg19`: the same with `--fine-tune block5`, on few pictures and epochs, since plain needs minutes for each.

Each part writes sections of its own, so they can be run one by one.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np
from numpy.typing import NDArray

from _report import machine, write_section
from headstart.backbones import Trunk, build_trunk, find
from headstart.backbones.cut import CutTrunk, cut_trunk
from headstart.core import backend
from headstart.core.numbers import Estimate, share
from headstart.features.extract import extract
from headstart.features.store import Store
from headstart.heads.tail import BATCH, HOLD_OUT, RATE, Task, features_of, rates, tune_tail
from headstart.pictures import Part, open_pictures, read
from headstart.runs.tune import EPOCHS

PARTS = ("speed", "efficientnet-lite0", "vgg19")
SPEED_TRAIN, SPEED_HELD = 192, 48
"""Pictures of the timing: what plain VGG19 manages in a minute an epoch."""
SPEED_EPOCHS = 3
FEW_TRAIN, FEW_TEST, FEW_EPOCHS = 200, 200, 4
"""Pictures and epochs of the accuracies of VGG19."""
HEAD_EPOCHS = 30


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", action="append", required=True)
    parser.add_argument("--weights", default="random", help="VGG19's weights without its top")
    parser.add_argument("--part", choices=PARTS, action="append")
    options = parser.parse_args()
    sets = dict(one.split("=", 1) for one in options.data)
    for part in options.part or PARTS:
        if part == "speed":
            speed(next(iter(sets.values())).split(":")[0], options.weights)
            continue
        if part == "vgg19" and options.weights == "random":
            print("vgg19: no accuracies without --weights")
            continue
        for name, source in sets.items():
            accuracies(name, source, part, options.weights if part == "vgg19" else "imagenet")


def speed(source: str, weights: str) -> None:
    trunk = build_trunk(find("vgg19"), weights=weights)
    cut = cut_trunk(trunk, "block5")
    count = SPEED_TRAIN + SPEED_HELD
    paths, labels, classes = chosen(source, count)
    train, held = np.arange(SPEED_TRAIN), np.arange(SPEED_TRAIN, count)
    inner = SPEED_TRAIN - SPEED_TRAIN // HOLD_OUT

    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store:
        start = time.perf_counter()
        maps = extract(paths, cut.lower, store).matrix
        once = time.perf_counter() - start
        marks: list[float] = []
        shape = tuple(cut.upper.input_shape[1:])
        task = Task(features_of(cut.upper, maps, shape)[train], [maps[train]], labels[train], classes, shape)
        tune_tail(
            cut.upper,
            task,
            validation=(maps[held], labels[held]),
            epochs=SPEED_EPOCHS,
            on_epoch=lambda _: marks.append(time.perf_counter()),
        )
        ours = statistics.median(np.diff(marks[:SPEED_EPOCHS]))

    pixels = decoded(paths, trunk)
    model, _ = plain_model(trunk, cut, classes, augmented=False)
    compiled(model, inner, SPEED_EPOCHS)
    clock = Clock()
    measured = np.r_[inner : SPEED_TRAIN + SPEED_HELD]
    model.fit(
        pixels[:inner],
        labels[:inner],
        batch_size=BATCH,
        epochs=SPEED_EPOCHS - 1,
        validation_data=(pixels[measured], labels[measured]),
        verbose=0,
        callbacks=[clock.callback()],
    )
    plain = statistics.median(np.diff(clock.marks))
    lines = [
        "## Fine-tuning: an epoch",
        "",
        "Made by `python bench/fine_tune.py --part speed`: VGG19 from block5 on, batches of"
        f" {BATCH}, {inner} pictures trained on and {count - inner} measured after each epoch; Keras on"
        f" {backend.ensure().config.backend()}. " + machine(),
        "",
        "| way | seconds an epoch | pictures trained on a second | |",
        "| --- | --- | --- | --- |",
        f"| plain Keras, pixels decoded in memory | {plain:.1f} | {inner / plain:.1f} | |",
        f"| headstart, on stored maps | {ours:.1f} | {inner / ours:.1f} | {plain / ours:.1f} times faster |",
        "",
        f"The maps took {once:.1f} s, once, or {once / count * 1000:.0f} ms a picture and view. Both times grow with the"
        f" pictures: an epoch of 2,000 with 500 measured is reckoned at {plain / count * 2500:.0f} s plain and"
        f" {ours / count * 2500:.0f} s here.",
    ]
    print("\n".join(lines), flush=True)
    write_section("fine-tune speed", "\n".join(lines))


def accuracies(name: str, source: str, backbone: str, weights: str) -> None:
    vgg = backbone == "vgg19"
    where, epochs = ("block5", FEW_EPOCHS) if vgg else ("auto", EPOCHS)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        layout = laid_out(source, root / "pictures", (FEW_TRAIN, FEW_TEST) if vgg else None)
        common = [str(layout), "--backbone", backbone, "--output", folder]
        if vgg:
            common += ["--weights", str(Path(weights).resolve())]
        frozen = trained(root, "frozen", *common)
        tuned = trained(
            root, "tuned", *common, "--fine-tune", where, *(["--epochs", str(epochs)] if vgg else [])
        )
        plain, rows = plainly(root / "frozen" / "split.csv", layout, backbone, weights, where, epochs)
    record = tuned["fine_tune"]
    saved = "fine-tuned" if record["kept"] else "frozen, which was better on the validation part"
    lines = [
        f"## Fine-tuning: {name}, {backbone}",
        "",
        f"Made by `python bench/fine_tune.py --part {backbone}`: from {record['from']} on, at most {epochs} epochs,"
        f" {rows} pictures to train on; Keras on {backend.ensure().config.backend()}. " + machine(),
        "",
        "| way | accuracy on the test part | 95 % interval | n | seconds |",
        "| --- | --- | --- | --- | --- |",
        row("headstart train, frozen", frozen["accuracy"], frozen["seconds"]["total"]),
        row(
            f"headstart train --fine-tune {where} (saved: {saved})",
            tuned["accuracy"],
            tuned["seconds"]["total"],
        ),
        row("plain Keras fine-tuning from pixels", plain[0].as_dict(), plain[1]),
    ]
    print("\n".join(lines), flush=True)
    write_section(f"fine-tune {name} {backbone}", "\n".join(lines))


def row(way: str, accuracy: Any, seconds: float) -> str:
    return (
        f"| {way} | {accuracy['value']:.3f} | {accuracy['low']:.3f} to {accuracy['high']:.3f} | {accuracy['n']}"
        f" | {seconds:.0f} |"
    )


def plainly(
    split: Path, layout: Path, backbone: str, weights: str, where: str, epochs: int
) -> tuple[tuple[Estimate, float], int]:
    """Plain fine-tuning on the training part of a run's split: test accuracy and seconds; and its pictures."""
    start = time.perf_counter()
    with split.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    names = sorted({one["label"] for one in table})
    parts: dict[str, tuple[list[Path], NDArray[np.int64]]] = {}
    for part in ("train", "test"):
        some = [one for one in table if one["part"] == part]
        paths = [path if (path := Path(one["path"])).is_absolute() else layout / path for one in some]
        parts[part] = paths, np.array([names.index(one["label"]) for one in some], np.int64)
    trunk = build_trunk(find(backbone), weights=weights)
    cut = cut_trunk(trunk, where)
    keras = backend.ensure(gradients=True)
    keras.utils.set_random_seed(0)
    paths, labels = parts["train"]
    pixels = decoded(paths, trunk)
    model, dense = plain_model(trunk, cut, len(names), augmented=True)
    # Its head first, as Keras's own guide has it; on a frozen base the features are the same each epoch.
    features = trunk.model.predict(pixels, batch_size=BATCH, verbose=0)
    first = keras.Sequential([keras.Input(features.shape[1:]), keras.layers.Dense(len(names))])
    first.compile(keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    first.fit(features, labels, batch_size=BATCH, epochs=HEAD_EPOCHS, verbose=0)
    dense.set_weights(first.layers[-1].get_weights())
    compiled(model, len(labels), epochs)
    model.fit(pixels, labels, batch_size=BATCH, epochs=epochs, verbose=0)
    given, truth = parts["test"]
    logits = model.predict(decoded(given, trunk), batch_size=BATCH, verbose=0)
    right = share(int((logits.argmax(axis=1) == truth).sum()), len(truth))
    return (right, time.perf_counter() - start), len(labels)


def plain_model(trunk: Trunk, cut: CutTrunk, classes: int, *, augmented: bool) -> tuple[Any, Any]:
    """The whole network from raw pixels to logits, frozen before the cut; and its last layer."""
    keras = backend.ensure(gradients=True)
    trained = {layer.name for layer in cut.upper.layers}
    for layer in trunk.model.layers:
        layer.trainable = layer.name in trained and not isinstance(layer, keras.layers.BatchNormalization)
    pixels = keras.Input(trunk.model.input_shape[1:])
    values = pixels
    if augmented:
        values = keras.layers.RandomFlip("horizontal")(values)
        values = keras.layers.RandomZoom((-0.16, 0.0))(values)
        values = keras.layers.RandomBrightness(0.1, value_range=(0, 255))(values)
    dense = keras.layers.Dense(classes)
    return keras.Model(pixels, dense(trunk.model(values))), dense


def compiled(model: Any, count: int, epochs: int) -> None:
    keras = backend.ensure(gradients=True)
    schedule = rates(keras, RATE, -(-count // BATCH) * epochs)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(schedule), loss, metrics=["accuracy"])


class Clock:
    """When each epoch ended."""

    def __init__(self) -> None:
        self.marks: list[float] = []

    def callback(self) -> Any:
        """A Keras callback that notes it."""
        return backend.ensure().callbacks.LambdaCallback(
            on_epoch_end=lambda *_: self.marks.append(time.perf_counter())
        )


def decoded(paths: Sequence[Path], trunk: Trunk) -> NDArray[np.uint8]:
    return np.stack([read(path, trunk.recipe).pixels for path in paths])


def chosen(source: str, count: int) -> tuple[list[Path], NDArray[np.int64], int]:
    """Some training pictures of a set, drawn at random."""
    pictures = open_pictures(source)
    parts = pictures.parts or (Part.TRAIN,) * len(pictures)
    given = np.array([i for i, part in enumerate(parts) if part == Part.TRAIN])
    some = np.random.default_rng(0).permutation(given)[:count]
    if len(some) < count:
        raise SystemExit(f"the first set must have {count} pictures to train on; it has {len(some)}")
    return [pictures.paths[int(i)] for i in some], pictures.labels[some], len(pictures.class_names)


def laid_out(source: str, target: Path, most: tuple[int, int] | None) -> Path:
    """A copy of a set with two parts, train and test; of `most` pictures at random where that is given."""
    source, _, test = source.partition(":")
    pictures = open_pictures(source)
    parts = list(pictures.parts or (Part.TRAIN,) * len(pictures))
    other = next((part for part in (Part.TEST, Part.VALIDATION) if part in parts), None)
    if not test and other is None:
        raise SystemExit(f"{source} has no part to test on: give NAME=PICTURES:TEST")
    tested = open_pictures(test) if test else pictures
    wanted: Callable[[int], bool] = (lambda _: True) if test else (lambda i: parts[i] == other)
    sides = (
        ("train", pictures, [i for i in range(len(pictures)) if parts[i] == Part.TRAIN]),
        ("test", tested, [i for i in range(len(tested)) if wanted(i)]),
    )
    for place, (part, of, indices) in enumerate(sides):
        some = np.random.default_rng(0).permutation(indices)[: most[place] if most else None]
        for i in some:
            folder = target / part / of.class_names[of.labels[i]]
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(of.paths[i], folder / of.paths[i].name)
    return target


def trained(root: Path, name: str, *arguments: str) -> Any:
    """metrics.json of a run, with stores of its own."""
    subprocess.run(
        [sys.executable, "-m", "headstart", "train", *arguments, "--name", name],
        check=True,
        env={**os.environ, "HEADSTART_HOME": str(root / f"home-{name}")},
        stdout=subprocess.DEVNULL,
    )
    return json.loads((root / name / "metrics.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
