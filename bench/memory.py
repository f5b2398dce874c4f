"""Peak memory of extraction as the number of pictures grows.

    python bench/memory.py [--counts 2000 20000]

Pictures are repeats of drawn ones under new content: a counter behind the end of each JPEG changes the file's hash
and no pixel. Each count runs in a process of its own, with a store of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _report import machine, write_section
from headstart.use.demo import draw


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--counts", type=int, nargs="+", default=[2000, 20000])
    parser.add_argument("--child", type=Path)
    options = parser.parse_args()
    if options.child:
        return child(options.child)
    lines = [
        "## Memory",
        "",
        "Made by `python bench/memory.py`: the trunk pass of efficientnet-lite0 over JPEG files into an empty store. "
        + machine(),
        "",
        "| pictures | peak of the pass, MB | peak with the matrix read back, MB | the matrix itself, MB | ms a picture |",
        "| --- | --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory() as folder:
        draw(Path(folder) / "drawn", pictures=200, seed=0)
        originals = [path.read_bytes() for path in sorted(Path(folder, "drawn").rglob("*.jpg"))]
        for count in options.counts:
            own = Path(folder) / str(count)
            own.mkdir()
            for place in range(count):
                (own / f"{place:07d}.jpg").write_bytes(
                    originals[place % len(originals)] + place.to_bytes(8, "big")
                )
            command = [sys.executable, __file__, "--child", str(own)]
            found = json.loads(
                subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
            )
            lines.append(
                f"| {count:,} | {found['pass']:.0f} | {found['whole']:.0f} | {count * 1280 * 4 / 1e6:.0f} | {found['ms']:.1f} |"
            )
            print(lines[-1], flush=True)
    write_section("memory", "\n".join(lines))
    return None


def child(folder: Path) -> None:
    """Extracts, and prints the peak when the pass ended and the peak when the features were read back."""
    from headstart.backbones import build_trunk, find
    from headstart.core import backend
    from headstart.features import extract as module
    from headstart.features.store import Store

    backend.ensure()
    trunk = build_trunk(find("efficientnet-lite0"))
    files = sorted(folder.iterdir())
    peaks = {}
    run_pass = module.run_pass

    def measured(*arguments: object, **named: object) -> object:
        result = run_pass(*arguments, **named)  # type: ignore[arg-type]
        peaks["pass"] = peak()
        return result

    module.run_pass = measured  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as own, Store(Path(own)) as store:
        start = time.perf_counter()
        module.extract(files, trunk, store, precision="f32")
        seconds = time.perf_counter() - start
    print(json.dumps({**peaks, "whole": peak(), "ms": 1000 * seconds / len(files)}))


def peak() -> float:
    """Peak resident memory of this process in MB."""
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found / 1e6 if sys.platform == "darwin" else found / 1e3


if __name__ == "__main__":
    main()
