"""A diagnosis as workflow commands that GitHub turns into annotations on a pull request."""

from __future__ import annotations

from headstart.doctor.records import Diagnosis, Finding

LEVEL = {"error": "error", "warning": "warning", "info": "notice"}


def render(diagnosis: Diagnosis) -> str:
    """One line a finding."""
    return "".join(_line(finding) for finding in diagnosis.all_findings)


def _line(finding: Finding) -> str:
    parts = [f"title={_property(finding.rule)}"]
    place = finding.place
    # A line of a notebook's cell is no line of its file.
    if place is not None:
        parts.insert(0, f"file={_property(place.file)}")
        if place.cell is None:
            parts += [f"line={place.line}", f"endLine={place.end_line}", f"col={place.column}"]
    text = finding.message
    if finding.evidence:
        text += "\n" + "\n".join(f"{name}: {value}" for name, value in finding.evidence.items())
    return f"::{LEVEL[finding.severity]} {','.join(parts)}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
