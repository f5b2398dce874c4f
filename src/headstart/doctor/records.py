"""What the doctor hands over: places, edits, findings, the diagnosis. Plain data that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "info"]
Number = int | float | str | bool | None

RANK: Mapping[str, int] = {"error": 0, "warning": 1, "info": 2}
"""Severities from worst to mildest."""


@dataclass(frozen=True, order=True)
class Place:
    """A stretch of a user's file.

    Attributes:
        file: The path, as given for the script itself, else absolute.
        line: First line, counted from 1; in a notebook, within the cell.
        column: First column, counted from 1 in characters.
        end_column: The column after the last one, on `end_line`.
        end_line: Last line.
        cell: In a notebook, the number of the code cell, counted from 1; else None.
    """

    file: str
    line: int
    column: int = 1
    end_column: int = 1
    end_line: int = 0
    cell: int | None = None

    def __post_init__(self) -> None:
        if self.end_line < self.line:
            object.__setattr__(self, "end_line", self.line)

    def __str__(self) -> str:
        cell = f"#cell{self.cell}" if self.cell is not None else ""
        return f"{self.file}{cell}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Operation:
    """One step of an edit: a verb (a file in `repair/operations/`), where, and its parameters."""

    verb: str
    place: Place
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Edit:
    """A change to the user's files that mends a finding.

    Attributes:
        title: What it does, as an imperative: "Use a sigmoid on the single unit".
        operations: The steps, made together or not at all.
        safe: Whether `--write` may make it without a look: it keeps what the script meant.
    """

    title: str
    operations: tuple[Operation, ...]
    safe: bool = False

    @property
    def kind(self) -> str:
        """The verb of the first step."""
        return self.operations[0].verb if self.operations else "none"


@dataclass(frozen=True)
class Finding:
    """A fault, where it is, and the numbers that prove it.

    Attributes:
        rule: The rule's name, such as "softmax-one-unit".
        severity: "error" (cannot learn, or answers are wrong), "warning" (measured loss of quality or
            large waste), or "info".
        place: The line to change, or None where no line of the user's is to blame.
        message: One sentence that says what is wrong.
        evidence: What was measured, by name.
        explains: Names of rules whose findings follow from this one.
        edit: How to mend it, or None.
        folded: Findings of this diagnosis that this one explains.
        cost: What the fault costs as measured, for the order of findings of one severity: a share of
            accuracy, or of time, between 0 and 1.
    """

    rule: str
    severity: Severity
    place: Place | None
    message: str
    evidence: Mapping[str, Number] = field(default_factory=dict)
    explains: tuple[str, ...] = ()
    edit: Edit | None = None
    folded: tuple[Finding, ...] = ()
    cost: float = 0.0


@dataclass(frozen=True)
class Crash:
    """An exception that ended the script, as the user would have seen it."""

    kind: str
    message: str
    place: Place | None
    traceback: str


Ending = Literal["fit", "end", "exit", "error", "timeout", "killed", "unreadable"]


@dataclass(frozen=True)
class Diagnosis:
    """What the doctor found in one run of a script.

    Attributes:
        script: The script or notebook.
        findings: The findings, worst first, the explained folded under those that explain them.
        ending: How the run ended: at the first "fit", at the "end" of the script, by "exit", by an
            "error", by "timeout", "killed" from outside, or "unreadable" when it could not start.
        note: One sentence on an ending that the user should know of, else empty.
        crash: The exception, where one ended the run.
        seconds: Wall time by part: "script", "probes", "rules", "total".
        versions: Versions of Python, Keras, NumPy and the backend, and the backend's name.
        fits: How many times `fit` was reached.
        failed: Rules that raised, with the error: what they look for was not looked at.
    """

    script: str
    findings: tuple[Finding, ...]
    ending: Ending
    note: str = ""
    crash: Crash | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    fits: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Every finding, the folded ones included."""
        return tuple(_flat(self.findings))

    @property
    def looked(self) -> bool:
        """Whether there was something to look at: a fit was reached, or a fault found all the same."""
        return self.fits > 0 or bool(self.findings)

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings at warning or above, 2 could not look."""
        if any(finding.severity != "info" for finding in self.all_findings):
            return 1
        return 0 if self.fits > 0 and self.ending not in ("error", "timeout", "killed", "unreadable") else 2

    def of(self, rule: str) -> tuple[Finding, ...]:
        """The findings of one rule, the folded ones included."""
        return tuple(finding for finding in self.all_findings if finding.rule == rule)


def _flat(findings: tuple[Finding, ...]) -> list[Finding]:
    flat: list[Finding] = []
    for finding in findings:
        flat.append(finding)
        flat.extend(_flat(finding.folded))
    return flat
