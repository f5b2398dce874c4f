"""A saved model in plain Keras, without headstart, against `headstart predict`.

    python bench/plain_keras.py RUN PICTURES --python tensorflow=PYTHON jax=PYTHON torch=PYTHON

Each interpreter has Keras, Pillow and the named backend; it is started so that it cannot import headstart even where that
is installed. It loads `model.keras`, reads the pictures with Pillow alone, and its probabilities are compared with those of
`headstart predict` on the same files.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from _report import machine, write_section

PLAIN = """
import sys
sys.modules["headstart"] = None  # an import of it would fail
import json
import numpy as np
import keras
from PIL import Image, ImageOps

model = keras.models.load_model(sys.argv[1])
height, width = model.input_shape[1:3]
answers = []
for path in json.load(open(sys.argv[2], encoding="utf-8")):
    picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    picture = picture.resize((width, height), Image.Resampling[sys.argv[4]])
    given = model(np.asarray(picture, np.float32)[None], training=False)
    answers.append(keras.ops.convert_to_numpy(given)[0].tolist())
json.dump({"keras": keras.__version__, "answers": answers}, open(sys.argv[3], "w"))
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--python", nargs="+", required=True, metavar="BACKEND=PYTHON")
    parser.add_argument("--count", type=int, default=100)
    options = parser.parse_args()

    import headstart

    files = sorted(path for path in options.pictures.rglob("*") if path.suffix == ".jpg")
    files = files[:: max(1, len(files) // options.count)]
    ours = headstart.predict(options.run, files)
    expected = {Path(one.path): np.array(one.probabilities) for one in ours if not one.error}
    read = [path for path in files if path in expected]
    resampling = json.loads((options.run / "run.json").read_text(encoding="utf-8"))["recipe"]
    lines = [
        "## Saved models in plain Keras",
        "",
        f"Made by `python bench/plain_keras.py RUN PICTURES --python ...` on {len(read)} pictures, without headstart. "
        + machine(),
        "",
        "| backend | Keras | largest difference in a probability | decisions changed |",
        "| --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "plain.py").write_text(PLAIN, encoding="utf-8")
        (root / "files.json").write_text(json.dumps([str(path.resolve()) for path in read]), encoding="utf-8")
        for given in options.python:
            backend, _, python = given.partition("=")
            environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {
                "KERAS_BACKEND": backend
            }
            result = root / f"{backend}.json"
            subprocess.run(
                [
                    python,
                    "plain.py",
                    str((options.run / "model.keras").resolve()),
                    "files.json",
                    str(result),
                    interpolation(resampling),
                ],
                cwd=root,
                env=environment,
                check=True,
                stderr=subprocess.DEVNULL,
            )
            found = json.loads(result.read_text(encoding="utf-8"))
            theirs, own = np.array(found["answers"]), np.stack([expected[path] for path in read])
            changed = int((theirs.argmax(1) != own.argmax(1)).sum())
            lines.append(f"| {backend} | {found['keras']} | {np.abs(theirs - own).max():.1e} | {changed} |")
            print(lines[-1], flush=True)
    write_section("plain keras", "\n".join(lines))


def interpolation(recipe: dict[str, object]) -> str:
    """Pillow's name for the way in which a run's pictures are resized."""
    return str(recipe["interpolation"]).upper()


if __name__ == "__main__":
    sys.exit(main())
