"""A diagnosis as text, in the manner of a good compiler: the line, a caret, a sentence, numbers, the edit."""

from __future__ import annotations

from collections.abc import Iterator

from headstart.doctor.records import Diagnosis, Finding, Number, Place
from headstart.doctor.repair.patch import text_of

COLOURS = {"error": "\033[1;31m", "warning": "\033[1;33m", "info": "\033[1;36m"}
BOLD, DIM, OFF = "\033[1m", "\033[2m", "\033[0m"


def render(diagnosis: Diagnosis, colour: bool = False) -> str:
    """The whole report.

    Args:
        colour: Whether to use colours of the terminal.
    """
    lines: list[str] = []
    for finding in diagnosis.findings:
        lines.extend(_finding(finding, "", colour))
        lines.append("")
    if diagnosis.crash is not None:
        lines.extend([diagnosis.crash.traceback.rstrip("\n"), ""])
    if diagnosis.note:
        lines.extend([f"note: {diagnosis.note}", ""])
    for rule, error in diagnosis.failed.items():
        lines.append(f"note: {rule} was not looked at, by a defect of headstart: {error}")
    lines += [""] if diagnosis.failed else []
    lines.append(summary(diagnosis))
    return "\n".join(lines) + "\n"


def summary(diagnosis: Diagnosis) -> str:
    """The last line: how many of what, and how the run ended."""
    found = diagnosis.all_findings
    counts = [(kind, sum(f.severity == kind for f in found)) for kind in ("error", "warning", "info")]
    words = [f"{n} {kind}{'s' if n != 1 and kind != 'info' else ''}" for kind, n in counts if n]
    what = ", ".join(words) or ("nothing wrong found" if diagnosis.looked else "nothing could be looked at")
    ending = {
        "fit": "stopped at the first fit, before any training",
        "end": "ran to its end",
        "exit": "the script ended itself",
        "error": "the script raised an exception",
        "timeout": "out of time",
        "killed": "the process ended early",
        "unreadable": "the script could not be run",
    }[diagnosis.ending]
    return f"{diagnosis.script}: {what} ({ending}; {diagnosis.seconds.get('total', 0):.1f} s)"


def _finding(finding: Finding, indent: str, colour: bool) -> Iterator[str]:
    def paint(code: str, text: str) -> str:
        return f"{code}{text}{OFF}" if colour else text

    place = finding.place
    where = f"{place}: " if place is not None else ""
    head = f"{paint(COLOURS[finding.severity], finding.severity)} [{finding.rule}]"
    yield f"{indent}{paint(BOLD, where)}{head}"
    yield f"{indent}  {finding.message}"
    if place is not None:
        for line in _excerpt(place):
            yield f"{indent}  {line}"
    for name, value in finding.evidence.items():
        yield f"{indent}  {paint(DIM, '=')} {name}: {_value(value)}"
    if finding.edit is not None:
        look = "" if finding.edit.safe else " (look first)"
        yield f"{indent}  {paint(BOLD, 'edit')}: {finding.edit.title}{look}"
    for folded in finding.folded:
        yield f"{indent}  this explains:"
        yield from _finding(folded, indent + "    ", colour)


def _excerpt(place: Place) -> Iterator[str]:
    text = text_of(place.file, place.cell)
    lines = text.splitlines() if text is not None else []
    if not 0 < place.line <= len(lines):
        return
    line = lines[place.line - 1].expandtabs(4)
    # Tabs before the caret count as the blanks that they were made into.
    start = len(lines[place.line - 1][: place.column - 1].expandtabs(4))
    end = (
        len(lines[place.line - 1][: place.end_column - 1].expandtabs(4))
        if place.end_line == place.line
        else len(line)
    )
    number = str(place.line)
    yield f"{number} | {line}"
    yield f"{' ' * len(number)} | {' ' * start}{'^' * max(1, end - start)}"


def _value(value: Number) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
