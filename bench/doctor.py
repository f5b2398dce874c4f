"""What the doctor finds in the example programs, beside what published tools found in theirs.

    python bench/doctor.py [--fast] [--only TEXT] [--jobs N] [--out FILE]

Each program under `examples/faults` and `examples/healthy` is examined as `headstart doctor` does it, in a process of its
own (with `--fast` all in one, for a quick look while writing rules), and graded by `_programs.py`. The programs are ours, after public
reports: the published marks are on the originals, and stand beside ours for their order of size only.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from _programs import Grade, Program, faulty_programs, grade, healthy_programs
from _report import machine, write_section
from headstart.doctor.records import Diagnosis

PUBLISHED = (
    ("UMLAUT", 50, 14, 12),
    ("AUTOTRAINER", 12, 10, 8),
    ("DeepLocalize", 36, 7, 5),
    ("DeepFD", 47, 27, 22),
    ("DEFault", 48, 33, None),
)
"""Of 52 programs of the DeepFD benchmark: said rightly that something is wrong, named a true kind, a true line."""

DEEPFD = [
    "48385830",
    "50306988",
    "48251943",
    "38648195",
    "55328966",
    "31880720",
    "48934338",
    "59325381",
    "59278771",
    "52800582",
    "48221692",
    "47352366",
    "45442843",
    "50481178",
    "56380303",
    "41327601",
    "41600519",
    "46995209",
    "51181393",
    "37213388",
]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fast", action="store_true", help="all in this process")
    parser.add_argument("--only", default="", help="programs whose name contains this")
    parser.add_argument("--out", type=Path, help="write the text here too, instead of docs/benchmarks.md")
    parser.add_argument("--jobs", type=int, default=1, help="programs at a time; seconds are right with 1")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    programs = [p for p in faulty_programs() + healthy_programs() if options.only in p.name]
    look = in_this_process() if options.fast else in_its_own
    if importlib.util.find_spec("tensorflow") is None:
        print("programs that need TensorFlow are left out", flush=True)
        programs = [p for p in programs if "TensorFlow" not in p.needs]

    def graded_one(program: Program) -> tuple[Program, Grade]:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            diagnosis = look(program, Path(folder))
            result = grade(program, diagnosis)
        print(
            f"{time.perf_counter() - started:6.1f} s  {program.name}: {in_words(program, result)}", flush=True
        )
        if diagnosis.fits == 0:
            print(f"          no fit was reached: {diagnosis.note} {diagnosis.crash}", flush=True)
        return program, result

    with ThreadPoolExecutor(1 if options.fast else options.jobs) as pool:
        graded = list(pool.map(graded_one, programs))
    text = section(graded, options.fast)
    print("\n" + text)
    if options.out is not None:
        options.out.write_text(text, encoding="utf-8")
    elif not options.only:
        write_section("doctor", text)


def in_its_own(program: Program, folder: Path) -> Diagnosis:
    """As the command does it."""
    from headstart.doctor.examination import examine

    with (folder / "output.txt").open("wb") as output:
        return examine(program.path, through=program.through, timeout=600, folder=folder, output=output)


def in_this_process():  # type: ignore[no-untyped-def]
    """Quicker: Keras is imported once. What one program leaves behind may reach the next."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "doctor"))
    from support import run_doctor

    def look(program: Program, folder: Path) -> Diagnosis:
        started = time.perf_counter()
        diagnosis = run_doctor(program.path.read_text(encoding="utf-8"), folder, through=program.through)
        return Diagnosis(
            diagnosis.script,
            diagnosis.findings,
            diagnosis.ending,
            diagnosis.note,
            diagnosis.crash,
            {**diagnosis.seconds, "total": time.perf_counter() - started},
            diagnosis.versions,
            diagnosis.fits,
        )

    return look


def in_words(program: Program, result: Grade) -> str:
    """One line on one program, for who watches."""
    parts = []
    for fault, rank, placed in zip(program.faults, result.named, result.placed, strict=True):
        parts.append(
            f"{fault.rules[0]}: {f'rank {rank}' if rank else 'not named'}{', line' if placed else ''}"
        )
    parts += [f"FALSE {f.rule} ({f.severity})" for f in result.false]
    return "; ".join(parts) or "silent"


def section(graded: list[tuple[Program, Grade]], fast: bool) -> str:
    """The section of docs/benchmarks.md."""
    faulty = [(p, g) for p, g in graded if p.kind == "faulty" and p.root_faults]
    light = [(p, g) for p, g in graded if p.kind == "faulty" and p.faults and not p.root_faults]
    sound = [(p, g) for p, g in graded if not p.faults]
    deepfd = [
        (p, g) for p, g in graded if p.kind == "faulty" and p.faults and p.name.split("/")[0][3:] in DEEPFD
    ]
    true = sum(g.true for _, g in graded)
    false = [(p, f) for p, g in graded for f in g.false]
    times = sorted(g.seconds for _, g in graded)
    lines = [
        "## The doctor on public faults and healthy look-alikes",
        "",
        f"Made by `python bench/doctor.py{' --fast' if fast else ''}` on the programs of `examples/`. {machine()}",
        "",
        "The programs are made anew after public reports, with data that carry a signal; those that marked the published"
        " tools are the originals, and more of them, so the two tables show an order of size and no contest. A kind"
        " counts as named by any of the rules that `labels.toml` holds equally good; a line, if the finding points"
        " into a statement that a person would point at. A false finding is one at warning or above on a program that"
        " has no such fault. Faults that only a longer run, or a test on other data, would show are counted apart.",
        "",
        f"| of {len(faulty)} faulty programs with a cause to name | |",
        "| --- | --- |",
        f"| said that something is wrong | {sum(g.spoke for _, g in faulty)} |",
        f"| named at least one true kind | {sum(some(p, g.named) for p, g in faulty)} |",
        f"| named a true line | {sum(some(p, g.placed) for p, g in faulty)} |",
        f"| true kinds named, of {sum(len(p.root_faults) for p, _ in faulty)} |"
        f" {sum(count(p, g.named) for p, g in faulty)} |",
        f"| true lines named, of {sum(len(p.root_faults) for p, _ in faulty)} |"
        f" {sum(count(p, g.placed) for p, g in faulty)} |",
        f"| named, of {len(light)} whose only cause is light | {sum(any(g.named) for _, g in light)} |",
        "",
        f"| of {len(sound)} programs without a fault (healthy, mended, twins) | |",
        "| --- | --- |",
        f"| accused at warning or above | {sum(g.spoke for _, g in sound)} |",
        "",
        f"Precision of findings at warning or above, over all programs: {share(true, true + len(false))}."
        + (" False: " + "; ".join(f"{p.name} {f.rule}" for p, f in false) + "." if false else "")
        + " Seconds that the doctor adds to a program's own imports and loading:"
        f" {times[len(times) // 2]:.1f} in the middle, {times[-1]:.1f} at most."
        if times
        else "",
        "",
        "| on the DeepFD benchmark | programs | said something is wrong | named a true kind | named a true line |",
        "| --- | --- | --- | --- | --- |",
        f"| headstart doctor (our {len(deepfd)} after it) | {len(deepfd)} | {sum(g.spoke for _, g in deepfd)} |"
        f" {sum(any(g.named) for _, g in deepfd)} | {sum(any(g.placed) for _, g in deepfd)} |",
        *(
            f"| {name}, published | 52 | {wrong} | {kind} | {'not given' if line is None else line} |"
            for name, wrong, kind, line in PUBLISHED
        ),
        "",
        "| faulty program | faults: rank, line | false findings | seconds added |",
        "| --- | --- | --- | --- |",
        *(row(p, g) for p, g in graded if p.kind == "faulty"),
        "",
    ]
    return "\n".join(lines)


def row(program: Program, result: Grade) -> str:
    """One faulty program as a row."""
    cells = []
    for fault, rank, placed in zip(program.faults, result.named, result.placed, strict=True):
        said = "not named" if rank is None else f"{rank}, {'line right' if placed else 'line not'}"
        cells.append(f"{fault.rules[0]}{' (light)' if fault.light else ''}: {said}")
    wrong = ", ".join(f.rule for f in result.false) or "none"
    name = program.name.split("/")[0]
    return f"| {name}: {program.task} | {'; '.join(cells) or 'healthy'} | {wrong} | {result.seconds:.1f} |"


def some(program: Program, marks: Iterable[int | bool | None]) -> bool:
    """Whether a mark stands at one of the faults that are not light."""
    return count(program, marks) > 0


def count(program: Program, marks: Iterable[int | bool | None]) -> int:
    """At how many of the faults that are not light a mark stands."""
    return sum(bool(mark) for fault, mark in zip(program.faults, marks, strict=True) if not fault.light)


def share(part: int, whole: int) -> str:
    """A share with its counts."""
    return f"{part / whole:.3f} ({part} of {whole})" if whole else "nothing was found"


if __name__ == "__main__":
    main()
