"""Extraction from files against the bare engine on ready-made batches, and against other ways to run the network.

    python bench/extract.py [--pictures FOLDER] [--weights VGG19_FILE] [--python tensorflow=PYTHON ...]

`--pictures` takes JPEG files of about 256 pixels (drawn ones by default), `--weights` VGG19's weights (random
ones by default: they change no speed), `--python` an interpreter that has Keras and a backend, for a line of
the comparison. Both sides run in turns in one process; medians are of the repeats.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from _report import machine, write_section
from headstart import engines
from headstart.backbones import Trunk, build_trunk, find
from headstart.core import backend
from headstart.features.decoding import decode_ahead
from headstart.features.extract import extract
from headstart.features.store import Store
from headstart.features.trunk_pass import BATCH
from headstart.pictures import list_files
from headstart.use.demo import draw

REPEATS = 5
WANTED = {"vgg19": 0.95, "efficientnet-lite0": 0.75}
LARGE = (4000, 3000)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--weights", default="random")
    parser.add_argument("--python", action="append", default=[])
    options = parser.parse_args()
    backend.ensure()
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        if options.pictures is None:
            draw(scratch / "drawn", pictures=400, seed=0)
        files = list_files([options.pictures or scratch / "drawn"])
        lines = ["## Extraction", "", "Made by `python bench/extract.py`. " + machine(), ""]
        trunks = {
            "efficientnet-lite0": build_trunk(find("efficientnet-lite0")),
            "vgg19": build_trunk(find("vgg19"), weights=options.weights),
        }
        counts = {"efficientnet-lite0": 400, "vgg19": 48}
        lines += against_bare(trunks, files, counts, scratch)
        lines += large_files(trunks["efficientnet-lite0"], files, scratch)
        lines += other_ways(trunks, counts, dict(one.split("=", 1) for one in options.python))
    text = "\n".join(lines)
    print(text)
    write_section("extract", text)


def in_turns(sides: dict[str, Callable[[], float]], repeats: int = REPEATS) -> dict[str, list[float]]:
    """Runs each side `repeats` times, one after the other, and gives its rates in order."""
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(repeats):
        for name, side in sides.items():
            rates[name].append(side())
    return rates


def bare(trunk: Trunk, precision: str, count: int, channels_first: bool = True) -> Callable[[], float]:
    """The engine's own loop on batches that lie ready in memory; the engine stays open."""
    engine = engines.open_openvino(trunk.model, precision=precision, channels_first=channels_first)
    shape = (BATCH, trunk.recipe.height, trunk.recipe.width, 3)
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    list(engine.run((None, pixels) for _ in range(2)))

    def side() -> float:
        start = time.perf_counter()
        for _ in engine.run((None, pixels) for _ in range(count // BATCH)):
            pass
        return count // BATCH * BATCH / (time.perf_counter() - start)

    return side


def from_files(trunk: Trunk, files: list[Path], precision: str, scratch: Path) -> Callable[[], float]:
    """The feature pipeline on files, into an empty store: the rate that it states itself, after warm-up."""

    def side() -> float:
        with tempfile.TemporaryDirectory(dir=scratch) as folder, Store(Path(folder)) as store:
            return extract(files, trunk, store, precision=precision).rate

    return side


def against_bare(
    trunks: dict[str, Trunk], files: list[Path], counts: dict[str, int], scratch: Path
) -> list[str]:
    lines = [
        "Pictures a second from JPEG files (read, decoded, resized, run, stored), beside the engine's loop on ready"
        f" batches; medians of {REPEATS} pairs in turns, and the median of the pairs' ratios.",
        "",
        "| backbone | precision | from files | bare engine | ratio | wanted |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, trunk in trunks.items():
        for precision in precisions():
            count = counts[name] * (3 if precision == "bf16" and name == "vgg19" else 1)
            some = files[:count]
            rates = in_turns(
                {
                    "files": from_files(trunk, some, precision, scratch),
                    "bare": bare(trunk, precision, len(some)),
                }
            )
            ratio = statistics.median(a / b for a, b in zip(rates["files"], rates["bare"], strict=True))
            lines.append(
                f"| {name} | {precision} | {statistics.median(rates['files']):.1f}"
                f" | {statistics.median(rates['bare']):.1f} | {ratio:.2f} | {WANTED[name]} |"
            )
            print(lines[-1], flush=True)
    return [*lines, ""]


def precisions() -> tuple[str, ...]:
    return ("f32", "bf16") if engines.native_bf16() else ("f32",)


def large_files(trunk: Trunk, files: list[Path], scratch: Path) -> list[str]:
    """Twelve-megapixel files: extraction against decoding alone."""
    folder = scratch / "large"
    folder.mkdir()
    noise = np.random.default_rng(0).normal(0, 6, (LARGE[1], LARGE[0], 1))
    for place in range(24):
        with Image.open(files[place % len(files)]) as picture:
            pixels = np.asarray(picture.convert("RGB").resize(LARGE, Image.Resampling.BICUBIC), np.float64)
        shifted = np.roll(noise, 997 * place, axis=0)
        Image.fromarray(np.clip(pixels + shifted, 0, 255).astype(np.uint8)).save(
            folder / f"{place}.jpg", quality=88
        )
    large = list_files([folder])

    def decode_alone() -> float:
        start = time.perf_counter()
        done = sum(one.decoded is not None for one in decode_ahead(large, range(len(large)), trunk.recipe))
        return done / (time.perf_counter() - start)

    def whole() -> float:
        with tempfile.TemporaryDirectory(dir=scratch) as own, Store(Path(own)) as store:
            start = time.perf_counter()
            found = extract(large, trunk, store, precision="f32")
            return found.computed / (time.perf_counter() - start - opening)

    # Opening the engine is not extraction: it is measured by itself and taken off.
    start = time.perf_counter()
    engines.open_openvino(trunk.model, precision="f32").close()
    opening = time.perf_counter() - start
    rates = in_turns({"whole": whole, "decode": decode_alone}, 3)
    ratio = statistics.median(a / b for a, b in zip(rates["whole"], rates["decode"], strict=True))
    return [
        f"Files of {LARGE[0]} x {LARGE[1]} pixels, efficientnet-lite0 f32: {statistics.median(rates['whole']):.1f} pictures"
        f" a second (engine opening of {opening:.1f} s taken off), decoding alone {statistics.median(rates['decode']):.1f};"
        f" ratio {ratio:.2f}, wanted 0.5.",
        "",
    ]


def other_ways(trunks: dict[str, Trunk], counts: dict[str, int], pythons: dict[str, str]) -> list[str]:
    """The same network run plainly: Keras's own graph at each precision, and Keras's predict on each backend."""
    lines = [
        "The same network run plainly, on ready batches, pictures a second. 'Keras's graph' is the one that Keras's OpenVINO"
        " backend exports, compiled at a stated precision; its `predict` leaves the precision to OpenVINO. `predict` runs"
        " batches of 32.",
        "",
        "| backbone | way | pictures a second | headstart's engine f32 / bf16 over it |",
        "| --- | --- | --- | --- |",
    ]
    for name, trunk in trunks.items():
        sides = {f"headstart {p}": bare(trunk, p, counts[name]) for p in precisions()}
        sides |= {
            f"Keras's graph {p}": bare(trunk, p, counts[name], channels_first=False) for p in precisions()
        }
        found = {way: statistics.median(values) for way, values in in_turns(sides, 3).items()}
        for way, python in {"openvino": sys.executable, **pythons}.items():
            found[f"Keras predict on {way}"] = child(python, way, name, 32 if name == "vgg19" else 128)
        for way, rate in found.items():
            ratios = " / ".join(f"{found[f'headstart {p}'] / rate:.2f}" for p in precisions())
            lines.append(f"| {name} | {way} | {rate:.1f} | {ratios} |")
            print(lines[-1], flush=True)
    return [*lines, ""]


def child(python: str, backend_name: str, backbone: str, count: int) -> float:
    done = subprocess.run(
        [python, str(Path(__file__).with_name("_keras_predict.py")), backbone, str(count), "6"],
        env=os.environ | {"KERAS_BACKEND": backend_name, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout.strip().splitlines()[-1])["rate"])


if __name__ == "__main__":
    main()
