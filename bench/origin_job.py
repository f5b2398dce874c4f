"""The origin question's job from end to end: plain Keras against headstart, seconds and accuracies.

    python bench/origin_job.py PICTURES TEST --weights VGG19_FILE --work FOLDER [--only PART ...]
        [--tensorflow PYTHON] [--int8 PYTHON]

2,000 pictures of PICTURES to train on and 500 of TEST to validate on (two class folders each), VGG19, ten epochs.
Every row is a process of its own, timed from its start to its end. "Cold" begins with an empty HEADSTART_HOME, "warm" is
the same command again. Parts are measured one by one where `--only` names them, and kept in FOLDER/pieces.json;
each call writes the table from all that is there. A part whose interpreter is not given, or lacks what it needs, is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _report import machine, write_section

TRAIN, HELD = 2000, 500
EPOCHS = 10
GOAL = 0.97
LIMITS = (8, 12, 20, 30)
SCRIPT = Path(__file__).with_name("_origin_script.py")
COMMAND = "import sys; from headstart.cli import main; sys.exit(main())"
WANTED = {"vgg19 cold": 32, "vgg19 warm": 1000, "int8 cold": 48, "default f32 cold": 350}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures", type=Path)
    parser.add_argument("test", type=Path)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--tensorflow")
    parser.add_argument("--int8")
    options = parser.parse_args()
    lay_out(options.pictures, options.test, options.work / "pictures")
    kept = options.work / "pieces.json"
    pieces: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    for part in options.only:
        for name, found in PARTS[part](options).items():
            pieces[name] = found
            print(name, json.dumps({k: v for k, v in found.items() if k != "curve"}), flush=True)
        kept.write_text(json.dumps(pieces, indent=1), encoding="utf-8")
    write_section("origin job", table(pieces))


def lay_out(pictures: Path, test: Path, target: Path) -> None:
    """train/ and validation/ with two class folders each, of the first files in order of name."""
    if target.is_dir():
        return
    for source, part, count in ((pictures, "train", TRAIN), (test, "validation", HELD)):
        classes = sorted(folder for folder in source.iterdir() if folder.is_dir())
        for folder in classes:
            own = target / part / folder.name
            own.mkdir(parents=True)
            for file in sorted(folder.iterdir())[: count // len(classes)]:
                shutil.copyfile(file, own / file.name)


def script(how: str, epochs: int, options: argparse.Namespace, home: str) -> dict[str, Any]:
    """The user's script on TensorFlow; its own clock begins after the interpreter's start, so the whole is timed."""
    result = options.work / "script.json"
    command = [options.tensorflow, str(SCRIPT), how, str(options.work / "pictures"), str(options.weights)]
    environment = os.environ | {
        "KERAS_BACKEND": "tensorflow",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "HEADSTART_HOME": home,
    }
    began = time.perf_counter()
    subprocess.run(
        [*command, str(epochs), str(result)], check=True, env=environment, stdout=subprocess.DEVNULL
    )
    whole = time.perf_counter() - began
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return found if how == "fit" else found | {"total": whole}


def plain(options: argparse.Namespace) -> dict[str, Any]:
    if not options.tensorflow:
        return {}
    with tempfile.TemporaryDirectory(dir=options.work) as home:
        return {"plain": script("fit", 1, options, home)}


def in_script(options: argparse.Namespace) -> dict[str, Any]:
    if not options.tensorflow:
        return {}
    with tempfile.TemporaryDirectory(dir=options.work) as home:
        return {f"fit {state}": script("headstart", EPOCHS, options, home) for state in ("cold", "warm")}


def train(
    options: argparse.Namespace, home: str, *extra: str, python: str = sys.executable
) -> dict[str, Any]:
    """One `headstart train`, timed as a user would."""
    with tempfile.TemporaryDirectory(dir=options.work) as runs:
        command = [python, "-c", COMMAND, "train", str(options.work / "pictures"), *extra]
        began = time.perf_counter()
        done = subprocess.run(
            [*command, "--output", runs, "--name", "run"],
            env=os.environ | {"HEADSTART_HOME": home, "KERAS_BACKEND": "openvino"},
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - began
        if done.returncode:
            return {"total": seconds, "error": done.stderr.strip().splitlines()[-1]}
        metrics = json.loads((Path(runs) / "run" / "metrics.json").read_text(encoding="utf-8"))
    return {
        "total": seconds,
        "accuracy": metrics["accuracy"],
        "precision": metrics["features"]["precision"],
        "computed": metrics["features"]["computed"],
        "rate": metrics["features"]["pictures_per_second"],
        "steps": metrics["seconds"],
    }


def cold_and_warm(title: str, python: str, *extra: str) -> Callable[[argparse.Namespace], dict[str, Any]]:
    def run(options: argparse.Namespace) -> dict[str, Any]:
        interpreter = getattr(options, python) if python else sys.executable
        if not interpreter:
            return {}
        given = [str(options.weights) if one == "FILE" else one for one in extra]
        with tempfile.TemporaryDirectory(dir=options.work) as home:
            return {
                f"{title} {state}": train(options, home, *given, python=interpreter)
                for state in ("cold", "warm")
            }

    return run


def soon(options: argparse.Namespace) -> dict[str, Any]:
    """The least time limit, from an empty store, whose run stands at the goal; the precision is said, not tried."""
    ways = {
        "vgg19": ("--backbone", "vgg19", "--weights", str(options.weights), "--precision", "bf16"),
        "default": ("--precision", "f32"),
    }
    found = {}
    for title, extra in ways.items():
        for limit in LIMITS:
            with tempfile.TemporaryDirectory(dir=options.work) as home:
                one = train(options, home, *extra, "--time-limit", f"{limit}s")
            found[f"{title} within {limit} s"] = one
            if one.get("accuracy", {}).get("value", 0.0) >= GOAL:
                break
    return found


VGG = ("--backbone", "vgg19", "--weights", "FILE")
PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "plain": plain,
    "vgg19": cold_and_warm("vgg19", "", *VGG),
    "int8": cold_and_warm("int8", "int8", *VGG, "--precision", "int8"),
    "default": cold_and_warm("default", ""),
    "default-f32": cold_and_warm("default f32", "", "--precision", "f32"),
    "fit": in_script,
    "soon": soon,
}
TITLES = {
    "plain": "plain Keras on TensorFlow, f32",
    "fit": "`headstart.fit` in the same script, ten epochs",
    "vgg19": "`headstart train --backbone vgg19`",
    "int8": "`headstart train --backbone vgg19 --precision int8`",
    "default": "`headstart train` (efficientnet-lite0)",
    "default f32": "`headstart train --precision f32` (efficientnet-lite0)",
}


def notes(pieces: dict[str, Any], reckoned: float | None) -> list[str]:
    """What limits a row that fell short of what was wanted of it."""
    said = []
    if pieces.get("plain"):
        rate = (TRAIN + HELD) / pieces["plain"]["fit"]
        said.append(f"Plain Keras took {rate:.1f} pictures a second in its epoch, validation included.")
    for title, wanted in WANTED.items():
        found = pieces.get(title, {})
        if not reckoned or "steps" not in found or reckoned / found["total"] >= wanted:
            continue
        alone = f" ({found['computed'] / found['rate']:.1f} s the trunk pass alone)" if found["rate"] else ""
        said.append(
            f"{title}: {wanted:,} times would be {reckoned / wanted:.1f} s; it took {found['total']:.1f} s{alone}."
        )
    return ["", " ".join(said)] if said else []


def table(pieces: dict[str, Any]) -> str:
    """The section of docs/benchmarks.md."""
    one = pieces.get("plain")
    reckoned = one["startup"] + EPOCHS * one["fit"] if one else None
    lines = [
        "## The origin question's job",
        "",
        f"Made by `python bench/origin_job.py`: {TRAIN:,} cats and dogs to train on, {HELD} to validate on, VGG19 and a small"
        " head; seconds of the whole process. " + machine(),
        "",
        "| way | state | precision | seconds | times plain Keras | wanted | accuracy | 95 % interval |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    if one and reckoned:
        lines.append(
            f"| {TITLES['plain']} | one epoch measured | f32 | {one['startup'] + one['fit']:.0f} | | |"
            f" {one['val_accuracy'][-1]:.3f} after one epoch | |"
        )
        lines.append(
            f"| {TITLES['plain']} | ten epochs reckoned | f32 | {reckoned:.0f} | 1 | | {'as below' if 'fit cold' in pieces else 'not measured'} | |"
        )
    for title, said in TITLES.items():
        for state in ("cold", "warm"):
            found = pieces.get(f"{title} {state}")
            if found is None:
                continue
            if "error" in found:
                lines.append(f"| {said} | {state} | | | | | {found['error']} | |")
                continue
            times = f"{reckoned / found['total']:,.0f}" if reckoned else ""
            wanted = WANTED.get(f"{title} {state}", "")
            if "accuracy" in found:
                accuracy = found["accuracy"]
                shown = f"{accuracy['value']:.3f} | {accuracy['low']:.3f} to {accuracy['high']:.3f}"
            else:
                shown = f"{found['val_accuracy'][-1]:.3f} |"
            lines.append(
                f"| {said} | {state} | {found.get('precision', '')} | {found['total']:.1f} | {times} | {wanted} | {shown} |"
            )
    lines += notes(pieces, reckoned)
    lines += [
        "",
        f"Seconds until a model stands at {GOAL:.2f} on the {HELD} pictures (with a limit: on those of them that were seen), from an empty store:",
        "",
    ]
    lines += ["| way | seconds | accuracy there |", "| --- | --- | --- |"]
    if one:
        there = next(([s, a] for s, a in one["curve"] if a >= GOAL), None)
        if there:
            lines.append(
                f"| plain Keras, weights after each batch of its first epoch (measuring them not counted)"
                f" | {there[0]:.0f} | {there[1]:.3f} |"
            )
    for title, precision in (("vgg19", "bf16"), ("default", "f32")):
        for limit in LIMITS:
            found = pieces.get(f"{title} within {limit} s")
            if found is not None:
                reached = (
                    f"{found['total']:.1f} | {found['accuracy']['value']:.3f} on {found['accuracy']['n']}"
                    if "accuracy" in found
                    else f"{found['total']:.1f} | {found['error']}"
                )
                lines.append(
                    f"| {TITLES[title].split('`')[1]!s} in {precision}, `--time-limit {limit}s` | {reached} |"
                )
        whole = pieces.get(f"{title} cold")
        if whole and "accuracy" in whole:
            lines.append(
                f"| {TITLES[title].split('`')[1]!s}, no limit | {whole['total']:.1f}"
                f" | {whole['accuracy']['value']:.3f} on {whole['accuracy']['n']} |"
            )
    steps = {name: pieces[name]["steps"] for name in pieces if "steps" in pieces[name]}
    shown_steps = [
        name for name in ("vgg19 cold", "vgg19 warm", "default f32 cold", "default cold") if name in steps
    ]
    if shown_steps:
        rows = list(dict.fromkeys(step for name in shown_steps for step in steps[name]))
        lines += [
            "",
            "Where the seconds of `headstart train` go:",
            "",
            "| step | " + " | ".join(shown_steps) + " |",
        ]
        lines.append("| --- |" + " --- |" * len(shown_steps))
        for row in rows:
            lines.append(
                f"| {row} | " + " | ".join(f"{steps[name].get(row, 0.0):.1f}" for name in shown_steps) + " |"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
