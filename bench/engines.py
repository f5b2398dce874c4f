"""Each engine and precision on each network, beside the processor's limit and beside the network run plainly.

    python bench/engines.py [--backbone NAME ...] [--python tensorflow=PYTHON ...] [--no-write]

Random weights (they change no speed, but for int8, which is calibrated on noise here: its speed is that of any
calibration). Pictures lie ready in memory, so nothing is decoded. The engines take turns in one process; each
backend of `--python` runs Keras's own predict in a process of its own, with an interpreter that has it. With
`--backbone`, the other networks' rows stay as they are in docs/benchmarks.md, if the same machine made them.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as ops

import _report
from extract import child
from headstart import engines
from headstart.backbones import Trunk, build_trunk, find
from headstart.backbones.arithmetic import count_multiply_adds
from headstart.core import backend
from headstart.engines import Engine
from headstart.engines.openvino import int8, opening, processor
from headstart.engines.protocol import Precision

BACKBONES = (
    "vgg19", "xception", "mobilenetv2", "efficientnet-lite0", "efficientnetv2b0", "resnet50v2", "convnexttiny",
)  # fmt: skip
TURNS = 5
SECONDS = 0.6
BATCH = 4
SIDES = (512, 1024)
"""Rows and columns of the matrices that the limit is measured with; the best counts."""
PRODUCTS = 8
"""How many products follow each other in one graph, so that bringing numbers in and out weighs little."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--backbone", action="append", choices=BACKBONES)
    parser.add_argument("--python", action="append", default=[])
    parser.add_argument("--no-write", action="store_true")
    options = parser.parse_args()
    backend.ensure()
    ways = {"openvino": sys.executable, **dict(one.split("=", 1) for one in options.python)}
    rows = kept_rows()
    for name in options.backbone or BACKBONES:
        rows[name] = row(name, ways)
        print(rows[name], flush=True)
        # After each: what is cut short keeps what it measured.
        if not options.no_write:
            _report.write_section("engines", page(rows))


def precisions() -> tuple[Precision, ...]:
    return ("f32", "bf16") if engines.native_bf16() else ("f32",)


def limit(precision: str) -> float:
    """Multiply-adds a second of matrix products in OpenVINO, in the best of some sizes and layouts of the threads."""
    threads = processor.threads()
    best = 0.0
    for side in SIDES:
        graph, x = products(side)
        for streams in sorted({1, threads}):
            settings = {
                "INFERENCE_PRECISION_HINT": precision,
                "NUM_STREAMS": str(streams),
                "INFERENCE_NUM_THREADS": threads,
            }
            compiled = processor.core().compile_model(graph, "CPU", settings)
            requests = [compiled.create_infer_request() for _ in range(streams)]

            def turn(requests: list[ov.InferRequest] = requests, x: NDArray[np.float32] = x) -> int:
                for request in requests:
                    request.start_async({0: x}, share_inputs=True)
                for request in requests:
                    request.wait()
                return len(requests)

            best = max(best, median_rate(turn) * PRODUCTS * side**3)
    return best


def products(side: int) -> tuple[ov.Model, NDArray[np.float32]]:
    """A chain of matrix products, and what goes in."""
    random = np.random.default_rng(0)
    entry = ops.parameter([side, side], np.float32)
    value = entry.output(0)
    for _ in range(PRODUCTS):
        weights = (random.normal(size=(side, side)) / np.sqrt(side)).astype(np.float32)
        value = ops.matmul(value, ops.constant(weights), False, False).output(0)
    return ov.Model([value], [entry], "products"), random.normal(size=(side, side)).astype(np.float32)


def median_rate(turn: Callable[[], int]) -> float:
    """The median of three stretches; a turn gives what it did."""
    turn()
    rates = []
    for _ in range(3):
        started, done = time.perf_counter(), 0
        while done == 0 or time.perf_counter() - started < 0.4:
            done += turn()
        rates.append(done / (time.perf_counter() - started))
    return statistics.median(rates)


def row(name: str, ways: dict[str, str]) -> str:
    """A network's line of the table."""
    trunk = build_trunk(find(name), weights="random")
    multiply_adds = count_multiply_adds(trunk.model)
    assert multiply_adds is not None
    # Beside the network, not once for all: a machine is not equally fast at all hours.
    limits = {precision: limit(precision) for precision in precisions()}
    rates = in_turns(opened(trunk), trunk.input_size)
    cells = [name, f"{multiply_adds / 1e9:.2f}", *(cell(rates.get(one)) for one in ("f32", "bf16", "int8"))]
    for precision in ("f32", "bf16"):
        reach = limits.get(precision, 0.0)
        share = rates.get(precision, 0.0) * multiply_adds / max(reach, 1.0)
        cells.append(f"{share:.0%} of {reach / 1e9:,.0f}" if reach else "")
    count = 32 if multiply_adds > 3e9 else 96
    plain = ("tensorflow", "torch", "openvino")
    cells += [cell(child(ways[way], way, name, count)) if way in ways else "" for way in plain]
    return "| " + " | ".join(cells) + " |"


def opened(trunk: Trunk) -> dict[str, Engine]:
    """The engines that there are here, by precision."""
    prepared = opening.prepare(trunk.model)
    made: dict[str, Engine] = {precision: prepared.open(precision) for precision in precisions()}
    if importlib.util.find_spec("nncf") is not None:
        side = trunk.input_size
        noise = np.random.default_rng(1).integers(0, 256, (8, side, side, 3), np.uint8)
        made["int8"] = engines.compile_graph(int8.quantise(prepared.graph, list(noise)), "int8")
    return made


def in_turns(sides: dict[str, Engine], side: int) -> dict[str, float]:
    """Pictures a second of each engine, medians of turns."""
    pictures = np.random.default_rng(0).integers(0, 256, (BATCH, side, side, 3), np.uint8)
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(TURNS + 1):
        for name, engine in sides.items():
            started, done = time.perf_counter(), 0
            for _, features in engine.run(feed(pictures, started, 2 * engine.info.requests)):
                done += len(features)
            # The first turn prepares memory.
            if turn:
                rates[name].append(done / (time.perf_counter() - started))
    for engine in sides.values():
        engine.close()
    return {name: statistics.median(found) for name, found in rates.items()}


def feed(pictures: NDArray[np.uint8], started: float, least: int) -> Iterator[tuple[None, NDArray[np.uint8]]]:
    """Batches for about SECONDS, and for at least so many pictures."""
    fed = 0
    while fed < least or time.perf_counter() - started < SECONDS:
        fed += len(pictures)
        yield None, pictures


def cell(rate: float | None) -> str:
    return "" if rate is None else number(rate)


def number(rate: float) -> str:
    return f"{rate:,.1f}" if rate < 100 else f"{rate:,.0f}"


def page(rows: dict[str, str]) -> str:
    lines = [
        "## Engines",
        "",
        "Made by `python bench/engines.py`. " + _report.machine(),
        "",
        f"Pictures a second, random weights, ready batches of raw pixels, medians of {TURNS} turns. *headstart*: its OpenVINO "
        "engine in each precision (int8 where NNCF is installed). *Share of the limit*: the engine's billion multiply-adds a "
        "second, as a share of what matrix products of "
        f"{' and '.join(map(str, SIDES))} rows and columns reach in OpenVINO at best, measured beside each network. "
        "Convolutions of three by three may pass it, for there are ways with fewer multiplications; depthwise ones are bound by "
        "memory. *Plainly*: the same network by Keras's `predict` in batches of 32 on each backend (on OpenVINO, Keras leaves the "
        "precision to OpenVINO).",
        "",
        "| network | billion multiply-adds | headstart f32 | bf16 | int8 | share of the limit f32 | bf16 "
        "| plainly, TensorFlow | PyTorch | Keras on OpenVINO |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        *(rows[name] for name in BACKBONES if name in rows),
    ]
    return "\n".join(lines)


def kept_rows() -> dict[str, str]:
    """The rows that are there already, if this machine made them."""
    written = _report.PAGE.read_text(encoding="utf-8") if _report.PAGE.is_file() else ""
    found = re.search("<!-- begin: engines -->(.*?)<!-- end: engines -->", written, re.DOTALL)
    section = found.group(1) if found else ""
    if processor.name() not in section:
        return {}
    lines = {one.strip("| ").split("|")[0].strip(): one for one in section.splitlines()}
    return {name: lines[name] for name in BACKBONES if name in lines}


if __name__ == "__main__":
    main()
