"""The example programs, what is wrong in each, and how a diagnosis of one is graded."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headstart.doctor.records import Diagnosis, Finding

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
FAULTS = EXAMPLES / "faults"
HEALTHY = EXAMPLES / "healthy"


@dataclass(frozen=True)
class Fault:
    """One true fault of a program.

    Attributes:
        rules: Rules that name it, equally good.
        lines: How the lines begin that a person would point at.
        light: Whether only a longer run scored higher, or the loss is too small to measure on this data.
    """

    rules: tuple[str, ...]
    lines: tuple[str, ...]
    light: bool = False


@dataclass(frozen=True)
class Program:
    """A program to examine.

    Attributes:
        name: The folder's name under `examples/faults` and the file's, or the file's under `healthy`.
        path: The file.
        kind: "faulty", "mended", "twin" or "healthy".
        task: What it does, in words.
        faults: What is wrong in it; empty but for "faulty".
        also: Rules whose findings are true too, though they are not the cause.
        through: Whether the fault shows only after the first fit.
        needs: What it cannot run without, such as "TensorFlow".
        learns: For a healthy one, what holds after its training, as an expression of its own names.
    """

    name: str
    path: Path
    kind: str
    task: str = ""
    faults: tuple[Fault, ...] = ()
    also: tuple[str, ...] = ()
    through: bool = False
    needs: str = ""
    learns: str = ""

    @property
    def root_faults(self) -> tuple[Fault, ...]:
        """The faults that are no matter of a longer run alone."""
        return tuple(fault for fault in self.faults if not fault.light)


@dataclass(frozen=True)
class Grade:
    """How one diagnosis compares with the truth.

    Attributes:
        named: For each fault of the program, the rank of the first finding that names it (1 = worst), or None.
        placed: For each fault, whether a finding that names it points at one of its lines.
        false: Findings at warning or above that are not true.
        true: How many findings at warning or above are true.
        spoke: Whether there was a finding at warning or above.
        seconds: Wall time of the look alone: what the doctor adds to the script.
    """

    named: tuple[int | None, ...]
    placed: tuple[bool, ...]
    false: tuple[Finding, ...]
    true: int
    spoke: bool
    seconds: float = field(default=0.0)


def faulty_programs() -> list[Program]:
    """Every program under `examples/faults`: faulty, mended and twin of each."""
    labels = tomllib.loads((FAULTS / "labels.toml").read_text(encoding="utf-8"))
    programs = []
    for folder in sorted(
        path for path in FAULTS.iterdir() if path.is_dir() and (path / "faulty.py").is_file()
    ):
        label = labels[folder.name]
        faults = tuple(
            Fault(tuple(fault["rules"]), tuple(fault["lines"]), fault.get("light", False))
            for fault in label.get("fault", ())
        )
        for kind in ("faulty", "mended", "twin"):
            path = folder / f"{kind}.py"
            text = path.read_text(encoding="utf-8")
            programs.append(
                Program(
                    f"{folder.name}/{kind}",
                    path,
                    kind,
                    label["task"],
                    faults if kind == "faulty" else (),
                    tuple(label.get("also", ())) if kind == "faulty" else (),
                    label.get("through", False) and kind != "twin",
                    "TensorFlow" if "tensorflow" in text else "",
                )
            )
    return programs


def healthy_programs() -> list[Program]:
    """Every program under `examples/healthy`, with what its opening text says of it."""
    programs = []
    for path in sorted(HEALTHY.glob("*.py")):
        opening = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        said = dict(line.split(": ", 1) for line in opening.splitlines()[1:] if ": " in line)
        programs.append(
            Program(
                f"healthy/{path.stem}",
                path,
                "healthy",
                opening.splitlines()[0],
                needs=said.get("Needs", ""),
                learns=said["Learns"],
            )
        )
    return programs


def grade(program: Program, diagnosis: Diagnosis) -> Grade:
    """Compares a diagnosis with what is known of the program."""
    findings = sorted(diagnosis.all_findings, key=lambda f: ("error", "warning", "info").index(f.severity))
    text = program.path.read_text(encoding="utf-8")
    named: list[int | None] = []
    placed: list[bool] = []
    for fault in program.faults:
        naming = [i for i, finding in enumerate(findings) if finding.rule in fault.rules]
        named.append(naming[0] + 1 if naming else None)
        lines = spans(text, fault.lines)
        placed.append(any(at(findings[i], lines) for i in naming))
    loud = [f for f in findings if f.severity != "info"]
    known = {rule for fault in program.faults for rule in fault.rules} | set(program.also)
    false = tuple(f for f in loud if f.rule not in known)
    seconds = diagnosis.seconds.get("look", 0.0)
    return Grade(tuple(named), tuple(placed), false, len(loud) - len(false), bool(loud), seconds)


def at(finding: Finding, lines: Sequence[range]) -> bool:
    """Whether a finding points into one of the stretches."""
    return finding.place is not None and any(finding.place.line in lines_ for lines_ in lines)


def spans(text: str, beginnings: Sequence[str]) -> list[range]:
    """The lines of each statement or expression whose first line begins with one of the texts."""
    starts = [i for i, line in enumerate(text.splitlines(), 1) if line.strip().startswith(tuple(beginnings))]
    ends = dict.fromkeys(starts, 0)
    for node in ast.walk(ast.parse(text)):
        # The head of a loop or a function is one line here: what is in it is not meant.
        if (
            isinstance(node, ast.stmt | ast.expr | ast.keyword)
            and not hasattr(node, "body")
            and node.lineno in ends
        ):
            ends[node.lineno] = max(ends[node.lineno], node.end_lineno or 0)
    return [range(start, max(start, end) + 1) for start, end in ends.items()]
