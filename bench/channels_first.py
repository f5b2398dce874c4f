"""What the channels-first pass is worth: each family's exported graph against the rewritten one.

    python bench/channels_first.py [--quick] [--no-write] [NAME ...]

Random weights (time does not depend on them), ready-made pictures, no decoding; the graphs take turns in
one process, medians of the turns. The table is printed and put into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import openvino as ov
from numpy.typing import NDArray

import _report
from headstart.backbones import build_trunk, find
from headstart.engines import Engine, export_graph, native_bf16
from headstart.engines.openvino import check
from headstart.engines.openvino.channels_first import rewrite, transposes
from headstart.engines.openvino.compiling import compile_graph
from headstart.engines.openvino.graph import take_bytes
from headstart.engines.protocol import Precision

FAMILIES = (
    "efficientnet-lite0", "vgg19", "resnet50", "resnet50v2", "mobilenet", "mobilenetv2", "mobilenetv3small",
    "mobilenetv3large", "densenet121", "efficientnetb0", "efficientnetv2b0", "inceptionv3",
    "inceptionresnetv2", "xception", "nasnetmobile", "convnexttiny",
)  # fmt: skip
QUICK = ("efficientnet-lite0", "vgg19", "mobilenetv2", "resnet50v2")
TURNS = 5
SECONDS = 0.5
BATCH = 4


@dataclass
class Racer:
    """A graph compiled in one precision, and its turns in pictures a second."""

    engine: Engine
    rates: list[float] = field(default_factory=list)

    def turn(self, pictures: NDArray[np.uint8]) -> None:
        """Runs for about SECONDS, and notes the rate."""
        started, done = time.perf_counter(), 0
        for _, features in self.engine.run(_until(pictures, started + SECONDS)):
            done += len(features)
        self.rates.append(done / (time.perf_counter() - started))

    @property
    def rate(self) -> float:
        """Median of the turns, in pictures a second."""
        return statistics.median(self.rates)


def _until(pictures: NDArray[np.uint8], end: float) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    for tag in itertools.count():
        if tag >= 2 and time.perf_counter() > end:
            return
        yield tag, pictures


@dataclass(frozen=True)
class Row:
    """One family's line of the table."""

    name: str
    size: int
    before: int
    after: int
    difference: float
    rates: dict[tuple[str, Precision], float]

    def speedup(self, precision: Precision) -> float:
        """How many times as fast the rewritten graph is."""
        return self.rates["rewritten", precision] / self.rates["exported", precision]

    def cells(self, precisions: list[Precision]) -> list[str]:
        """The line's cells, in the order of the table's head."""
        speeds: list[str] = []
        for precision in precisions:
            exported, rewritten = (self.rates[graph, precision] for graph in ("exported", "rewritten"))
            speeds += [f"{exported:.1f}", f"{rewritten:.1f}", f"{self.speedup(precision):.2f}"]
        return [self.name, str(self.size), *speeds, f"{self.before} / {self.after}", f"{self.difference:.1e}"]


def race(name: str, precisions: list[Precision]) -> Row:
    trunk = build_trunk(find(name), weights="random")
    exported = take_bytes(export_graph(trunk.model))
    graphs: dict[str, ov.Model] = {"exported": exported, "rewritten": rewrite(exported)}
    size = trunk.backbone.input_size
    pictures = np.random.default_rng(0).integers(0, 256, (BATCH, size, size, 3), dtype=np.uint8)
    racers = {
        (graph, precision): Racer(compile_graph(graphs[graph], precision))
        for precision in precisions
        for graph in graphs
    }
    # The first run allocates; it is the comparison and no turn.
    features = {key: next(iter(racer.engine.run([(0, pictures)])))[1] for key, racer in racers.items()}
    difference = check.difference(features["exported", "f32"], features["rewritten", "f32"])
    for _ in range(TURNS):
        for racer in racers.values():
            racer.turn(pictures)
    rates = {key: racer.rate for key, racer in racers.items()}
    for racer in racers.values():
        racer.engine.close()
    return Row(name, size, transposes(exported), transposes(graphs["rewritten"]), difference, rates)


def table(rows: list[Row], precisions: list[Precision]) -> str:
    heads = ["backbone", "px"]
    for precision in precisions:
        heads += [f"exported {precision}", f"channels-first {precision}", "times"]
    heads += ["Transposes", "largest difference"]
    lines = [heads, ["---"] * len(heads), *(row.cells(precisions) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="backbones (default: one of each family)")
    parser.add_argument("--quick", action="store_true", help=f"only {', '.join(QUICK)}")
    parser.add_argument("--no-write", action="store_true", help="leave docs/benchmarks.md as it is")
    asked = parser.parse_args()
    precisions: list[Precision] = ["f32", "bf16"] if native_bf16() else ["f32"]
    rows = []
    for name in asked.names or (QUICK if asked.quick else FAMILIES):
        rows.append(race(name, precisions))
        print(*rows[-1].cells(precisions), sep="  ", flush=True)
    means = ", ".join(
        f"{statistics.geometric_mean(row.speedup(precision) for row in rows):.2f} in {precision}"
        for precision in precisions
    )
    text = f"""## The channels-first pass

Pictures a second of the graph that Keras's OpenVINO backend exports, and of the same graph after the
channels-first pass: random weights, ready-made pictures, {TURNS} turns of {SECONDS} s each, medians.
`times` is their ratio (geometric mean {means}); Transposes are counted before and after; the largest
difference of a feature is relative to the largest feature, in f32.

{table(rows, precisions)}

{_report.machine()} Made by `python bench/channels_first.py`.
"""
    print("\n" + text)
    if not asked.no_write:
        _report.write_section("channels_first", text)


if __name__ == "__main__":
    main()
