"""What growth costs: extraction time a picture and peak memory as the number of pictures grows.

    python bench/growth.py [--counts 1000 10000 100000] [--precision f32]

Pictures are repeats of drawn ones under new content: a comment segment with a counter changes the file's hash and no
pixel. Each count runs in a process of its own, with a store of its own, and then reads the features back as a second
run would. Writes its table into docs/benchmarks.md and its plot into docs/growth.svg.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from markupsafe import Markup

from _report import PAGE, machine, write_section
from headstart.core import atomic
from headstart.runs.report.svg import WIDTH, Scale, apart, axes, chart, dot, path, tag, text, ticks
from headstart.use.demo import draw

FEATURE = 1280 * 4
"""Bytes of one picture's feature."""
STYLE = """
.chart{font:12px system-ui,sans-serif} .label{fill:#57606a} .axis{fill:#24292f}
.rule{stroke:#d0d7de} .tick{stroke:#8c959f} .line{fill:none;stroke-width:2}
.first{stroke:#0969da} .second{stroke:#bc4c00} .end.first{fill:#0969da} .end.second{fill:#bc4c00}
.said-first{fill:#0969da} .said-second{fill:#bc4c00}
rect{fill:#fff}
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--counts", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--child", type=Path)
    options = parser.parse_args()
    if options.child:
        return child(options.child, options.precision)
    rows = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        draw(Path(folder) / "drawn", pictures=200, seed=0)
        originals = [file.read_bytes() for file in sorted(Path(folder, "drawn").rglob("*.jpg"))]
        for count in options.counts:
            rows.append(one(Path(folder) / str(count), originals, count, options.precision))
            print(json.dumps(rows[-1]), flush=True)
    page = [
        "## Growth",
        "",
        f"Made by `python bench/growth.py`: efficientnet-lite0 in {options.precision} over JPEG files into an empty store,"
        " and the same pictures again out of it. Peaks are of resident memory, the interpreter and the engine in it. "
        + machine(),
        "",
        "| pictures | seconds | ms a picture | peak of the pass, MB | peak with the features read back, MB"
        " | the features themselves, MB | again, ms a picture | the store, MB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    page += [
        f"| {row['count']:,} | {row['seconds']:.1f} | {row['ms']:.2f} | {row['pass']:.0f} | {row['whole']:.0f}"
        f" | {row['count'] * FEATURE / 1e6:.0f} | {row['again']:.3f} | {row['store']:.0f} |"
        for row in rows
    ]
    least, most = rows[0], rows[-1]
    grown = most["pass"] - least["pass"]
    page += [
        "",
        f"From {least['count']:,} to {most['count']:,} pictures the time a picture goes from {least['ms']:.2f} to"
        f" {most['ms']:.2f} ms, and the peak of the pass grows by {grown:.0f} MB"
        f" ({1e3 * grown / (most['count'] - least['count']):.1f} kB a picture: names, hashes, fingerprints).",
        "",
        "![Time a picture and peak memory over the number of pictures](growth.svg)",
    ]
    if options.counts == parser.get_default("counts"):
        write_section("growth", "\n".join(page))
        atomic.write_text(PAGE.with_name("growth.svg"), plot(rows))
    return None


def one(folder: Path, originals: list[bytes], count: int, precision: str) -> dict[str, float]:
    """Writes so many pictures, and measures in a process of its own."""
    need = count * (sum(map(len, originals)) / len(originals) + 2 * FEATURE + 4096)
    if need > 0.9 * shutil.disk_usage(folder.parent).free:
        raise SystemExit(f"{need / 1e9:.1f} GB are needed in {folder.parent}")
    (folder / "pictures").mkdir(parents=True)
    for place in range(count):
        (folder / "pictures" / f"{place:07d}.jpg").write_bytes(under_new_content(originals, place))
    command = [sys.executable, __file__, "--child", str(folder), "--precision", precision]
    found = json.loads(
        subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[-1]
    )
    shutil.rmtree(folder)
    return {"count": count, **found}


def under_new_content(originals: list[bytes], place: int) -> bytes:
    """A JPEG file with a comment (marker FFFE, length, text) behind its first marker."""
    original, comment = originals[place % len(originals)], b"%08d" % place
    return original[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + original[2:]


def child(folder: Path, precision: str) -> None:
    """Extracts twice, and prints times, the peak when the pass ended and the peak when all was read back."""
    from headstart.backbones import build_trunk, find
    from headstart.core import backend
    from headstart.features import extract as module
    from headstart.features.housekeeping import on_disk
    from headstart.features.store import Store

    backend.ensure()
    trunk = build_trunk(find("efficientnet-lite0"))
    files = sorted((folder / "pictures").iterdir())
    peaks = {}
    run_pass = module.run_pass

    def measured(*arguments: object, **named: object) -> object:
        result = run_pass(*arguments, **named)  # type: ignore[arg-type]
        peaks["pass"] = peak()
        return result

    module.run_pass = measured  # type: ignore[assignment]
    seconds = []
    for _ in range(2):
        with Store(folder / "store") as store:
            start = time.perf_counter()
            found = module.extract(files, trunk, store, precision=precision)
            seconds.append(time.perf_counter() - start)
            size = on_disk(store)
        assert len(found) == len(files)
        del found
    print(
        json.dumps(
            {
                **peaks,
                "whole": peak(),
                "seconds": seconds[0],
                "ms": 1e3 * seconds[0] / len(files),
                "again": 1e3 * seconds[1] / len(files),
                "store": size / 1e6,
            }
        )
    )


def peak() -> float:
    """Peak resident memory of this process in MB."""
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found / 1e6 if sys.platform == "darwin" else found / 1e3


def plot(rows: list[dict[str, float]]) -> str:
    """Time above, memory below, over the logarithm of the number of pictures."""
    counts = [row["count"] for row in rows]
    times = curve(counts, [("first", "", [row["ms"] for row in rows])], "ms a picture", 0.0)
    memory = curve(
        counts,
        [
            ("first", "pass", [row["pass"] for row in rows]),
            ("second", "features", [row["count"] * FEATURE / 1e6 for row in rows]),
        ],
        "peak of the pass, and the features themselves, MB",
        270.0,
    )
    drawn = chart(
        "growth",
        540.0,
        "What growth costs",
        "; ".join(
            f"{row['count']:,} pictures: {row['ms']:.2f} ms each, {row['pass']:.0f} MB" for row in rows
        ),
        tag("style", Markup(STYLE)),
        tag("rect", width=WIDTH, height=540.0),
        times,
        memory,
    )
    return str(drawn).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) + "\n"


def curve(counts: list[float], lines: list[tuple[str, str, list[float]]], title: str, down: float) -> Markup:
    top = 1.15 * max(max(values) for _, _, values in lines)
    x = Scale(counts[0], counts[-1], 52.0, WIDTH - 78.0, logarithmic=True)
    y = Scale(0.0, top, down + 222.0, down + 36.0)
    marks = [(value, f"{value:,g}") for value in ticks(0.0, top)]
    parts: list[str] = [axes(x, y, [(c, f"{c:,}") for c in counts], marks, "pictures", title)]
    heights = apart([y(values[-1]) for _, _, values in lines], 16)
    for (kind, said, values), height in zip(lines, heights, strict=True):
        points = [(x(c), y(v)) for c, v in zip(counts, values, strict=True)]
        parts += [path(points, f"line {kind}"), *(dot(*point, f"end {kind}", 3.5) for point in points)]
        parts.append(text(points[-1][0] + 9, height + 4, said, class_=f"label said-{kind}"))
    return Markup("").join(parts)


if __name__ == "__main__":
    main()
