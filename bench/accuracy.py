"""Accuracy of backbones on data sets, each by `headstart train` with its defaults.

    python bench/accuracy.py --data NAME=PICTURES[:TEST] ... --backbone NAME[=WEIGHTS_FILE] ...

The accuracy is that of TEST where it is given (by `headstart evaluate`), else of the layout's test part, else of
its validation part.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from _report import machine, write_section


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", action="append", required=True)
    parser.add_argument("--backbone", action="append", required=True)
    options = parser.parse_args()
    lines = [
        "## Accuracy",
        "",
        "Made by `python bench/accuracy.py`: `headstart train` with its defaults, accuracy with its 95 % interval on the"
        " pictures held out (n), and seconds of that command where the features were not there yet. "
        + machine(),
        "",
        "| data | backbone | precision | accuracy | 95 % interval | n | held out | seconds |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for data in options.data:
        for backbone in options.backbone:
            lines.append(one(*data.split("=", 1), *backbone.partition("=")[::2]))
            print(lines[-1], flush=True)
    write_section("accuracy", "\n".join(lines))


def one(title: str, source: str, backbone: str, weights: str) -> str:
    pictures, _, test = source.partition(":")
    with tempfile.TemporaryDirectory() as folder:
        extra = ["--weights", weights] if weights else []
        call("train", pictures, "--backbone", backbone, *extra, "--output", folder, "--name", "run")
        run = Path(folder) / "run"
        trained = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        found, part = trained, trained["part"]
        if test:
            call("evaluate", str(run), test, "--output", f"{folder}/test.json")
            found, part = json.loads(Path(folder, "test.json").read_text(encoding="utf-8")), "own test folder"
    accuracy = found["accuracy"]
    seconds = (
        f"{trained['seconds']['total']:.0f}" if not trained["features"]["found"] else "features were there"
    )
    return (
        f"| {title} | {backbone} | {trained['features']['precision']} | {accuracy['value']:.3f}"
        f" | {accuracy['low']:.3f} to {accuracy['high']:.3f} | {accuracy['n']} | {part} | {seconds} |"
    )


def call(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-c", "import sys; from headstart.cli import main; sys.exit(main())", *arguments],
        check=True,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    main()
