"""What each fault of the origin question costs, alone and together, on each backend.

    python bench/origin_faults.py PICTURES TEST --weights FILE [--top-weights FILE]
        --python tensorflow=PYTHON jax=PYTHON

The question's network is VGG19, frozen, and its own head: Dense 256, Dropout 0.5, Dense 64 and a last unit, trained for
ten epochs with Adam on binary cross-entropy. Varied are the base (the top kept or dropped), the pixels ([-1, 1] or VGG's
own preprocessing) and the last unit (softmax or sigmoid). The frozen base is computed once for each base and kind of
pixels, in f32; each backend then trains the head with three seeds and is measured on the pictures of TEST. Without
--top-weights (VGG19's file with its top) the rows with the top kept are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from _report import machine, write_section

SEEDS = (0, 1, 2)

HEAD = """
import json, sys
import numpy as np
import keras

data = np.load(sys.argv[1])
results = {}
for unit in ("softmax", "sigmoid"):
    runs = []
    for seed in json.loads(sys.argv[2]):
        keras.utils.set_random_seed(seed)
        model = keras.Sequential([
            keras.Input((data["x"].shape[1],)),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(1, activation=unit),
        ])
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        history = model.fit(data["x"], data["y"], epochs=10, batch_size=32, verbose=0).history
        answers = model.predict(data["x_test"], verbose=0)[:, 0] > 0.5
        runs.append([float((answers == data["y_test"]).mean()), history["loss"][0], history["loss"][-1]])
    results[unit] = runs
json.dump(results, open(sys.argv[3], "w"))
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--top-weights", type=Path)
    parser.add_argument("--python", nargs="+", required=True, metavar="BACKEND=PYTHON")
    options = parser.parse_args()
    pythons = dict(given.split("=", 1) for given in options.python)
    train, test = files_of(options.pictures), files_of(options.test)
    bases = [("no top, pooled", False)] + ([("top kept", True)] if options.top_weights else [])
    lines = [
        "## The origin question",
        "",
        f"Made by `python bench/origin_faults.py`: {len(train[0]):,} pictures to train on, {len(test[0]):,} to test,"
        f" {len(SEEDS)} seeds; test accuracies, and the training loss from the first epoch to the tenth. "
        + machine(),
        "",
        "| base | pixels | last unit | " + " | ".join(pythons) + " |",
        "| --- | --- | --- |" + " --- |" * len(pythons),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for base, top in bases:
            for pixels in ("[-1, 1]", "VGG's own"):
                weights = options.top_weights if top else options.weights
                data = Path(folder) / "data.npz"
                model = network(weights, top, pixels)
                np.savez(
                    data,
                    x=features(model, train[0]),
                    y=train[1],
                    x_test=features(model, test[0]),
                    y_test=test[1],
                )
                found = {name: trained(python, name, data, Path(folder)) for name, python in pythons.items()}
                for unit in ("softmax", "sigmoid"):
                    cells = [cell(found[name][unit]) for name in pythons]
                    lines.append(f"| {base} | {pixels} | {unit} | " + " | ".join(cells) + " |")
                    print(lines[-1], flush=True)
    write_section("origin faults", "\n".join(lines))


def files_of(folder: Path) -> tuple[list[Path], np.ndarray[Any, Any]]:
    """Files and 0/1 labels of a folder with two class folders."""
    from headstart.pictures import open_pictures

    pictures = open_pictures(folder)
    if len(pictures.class_names) != 2:
        raise SystemExit("the origin question has two classes")
    return list(pictures.paths), np.asarray(pictures.labels)


def network(weights: Path, top: bool, pixels: str) -> Any:
    """From bytes to what the question's head takes."""
    from headstart.core import backend

    keras = backend.ensure()
    base = keras.applications.VGG19(
        include_top=top, weights=None, pooling=None if top else "avg", input_shape=(224, 224, 3)
    )
    base.load_weights(weights)
    given = keras.Input((224, 224, 3))
    if pixels == "[-1, 1]":
        prepared = keras.layers.Rescaling(1 / 127.5, offset=-1)(given)
    else:
        prepared = keras.layers.Lambda(keras.applications.vgg19.preprocess_input)(given)
    return keras.Model(given, base(prepared))


def features(model: Any, files: list[Path]) -> np.ndarray[Any, Any]:
    """What the frozen base gives for each file, in f32."""
    from headstart.engines import open_openvino
    from headstart.features.decoding import decode_ahead
    from headstart.pictures import Recipe

    attempts = decode_ahead(files, range(len(files)), Recipe(224, 224, "bilinear"))
    pictures = (np.asarray(one.decoded.pixels)[None] for one in attempts if one.decoded is not None)
    engine = open_openvino(model, precision="f32")
    rows = dict(engine.run(enumerate(pictures)))
    engine.close()
    return np.concatenate([rows[at] for at in range(len(files))])


def trained(python: str, backend: str, data: Path, folder: Path) -> dict[str, list[list[float]]]:
    """Accuracy, first and last loss of each seed, for either last unit."""
    result = folder / f"{backend}.json"
    command = [python, "-c", HEAD, str(data), json.dumps(SEEDS), str(result)]
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "2"}
    subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
    found: dict[str, list[list[float]]] = json.loads(result.read_text(encoding="utf-8"))
    return found


def cell(runs: list[list[float]]) -> str:
    first, last = np.mean([run[1] for run in runs]), np.mean([run[2] for run in runs])
    return " ".join(f"{run[0]:.3f}" for run in runs) + f", loss {first:.2f} to {last:.2f}"


if __name__ == "__main__":
    main()
