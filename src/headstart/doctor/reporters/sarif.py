"""A diagnosis as SARIF 2.1.0, the format of code-scanning tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from headstart.doctor.records import Diagnosis, Finding
from headstart.doctor.reporters.json import _number
from headstart.doctor.rules import all_rules

LEVEL = {"error": "error", "warning": "warning", "info": "note"}


def render(diagnosis: Diagnosis) -> str:
    """The SARIF log, one run."""
    rules = all_rules()
    used = sorted({finding.rule for finding in diagnosis.all_findings})
    descriptions = [
        {
            "id": name,
            "shortDescription": {"text": rules[name].summary if name in rules else name},
            "fullDescription": {"text": rules[name].page if name in rules else name},
        }
        for name in used
    ]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "headstart doctor", "rules": descriptions}},
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, used) for finding in diagnosis.all_findings],
                "invocations": [
                    {"executionSuccessful": diagnosis.exit_code != 2, "exitCode": diagnosis.exit_code}
                ],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False)


def _result(finding: Finding, used: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": used.index(finding.rule),
        "level": LEVEL[finding.severity],
        "message": {"text": finding.message},
        "properties": {name: _number(value) for name, value in finding.evidence.items()},
    }
    place = finding.place
    if place is None:
        return result
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.cell is None:
        physical["region"] = {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": max(place.end_column, place.column if place.end_line == place.line else 1),
        }
    location: dict[str, Any] = {"physicalLocation": physical}
    if place.cell is not None:
        location["message"] = {"text": f"cell {place.cell}, line {place.line}"}
    result["locations"] = [location]
    return result


def _uri(file: str) -> str:
    path = Path(file)
    return path.as_uri() if path.is_absolute() else path.as_posix()
