"""A diagnosis as JSON, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from headstart.doctor.records import Crash, Diagnosis, Edit, Finding, Number, Operation, Place


def render(diagnosis: Diagnosis) -> str:
    """The JSON document: findings with the folded ones after the one that explains them."""
    return json.dumps(as_dict(diagnosis), indent=2, ensure_ascii=False, allow_nan=False)


def as_dict(diagnosis: Diagnosis) -> dict[str, Any]:
    """The document as plain data.

    `findings` is flat: a folded finding comes after the one that explains it, and names it in
    `explained_by`.
    """
    rows: list[dict[str, Any]] = []
    for finding in diagnosis.findings:
        _rows(finding, None, rows)
    return {
        "script": diagnosis.script,
        "ending": diagnosis.ending,
        "note": diagnosis.note,
        "fits": diagnosis.fits,
        "exit_code": diagnosis.exit_code,
        "findings": rows,
        "crash": None
        if diagnosis.crash is None
        else {
            "kind": diagnosis.crash.kind,
            "message": diagnosis.crash.message,
            "traceback": diagnosis.crash.traceback,
            "place": _place(diagnosis.crash.place),
        },
        "seconds": {name: round(value, 3) for name, value in diagnosis.seconds.items()},
        "versions": dict(diagnosis.versions),
        "failed": dict(diagnosis.failed),
    }


def _rows(finding: Finding, parent: int | None, rows: list[dict[str, Any]]) -> None:
    own = len(rows)
    place = finding.place
    rows.append(
        {
            "rule": finding.rule,
            "severity": finding.severity,
            "file": place.file if place else None,
            "line": place.line if place else None,
            "column": place.column if place else None,
            "end_line": place.end_line if place else None,
            "end_column": place.end_column if place else None,
            "cell": place.cell if place else None,
            "message": finding.message,
            "evidence": {name: _number(value) for name, value in finding.evidence.items()},
            "explains": list(finding.explains),
            "explained_by": parent,
            "cost": _number(finding.cost),
            "edit": _edit(finding.edit),
        }
    )
    for folded in finding.folded:
        _rows(folded, own, rows)


def _number(value: Number) -> Number:
    """What JSON can hold: a number that is none becomes its name."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    # NumPy's scalars come in by way of a rule.
    item = getattr(value, "item", None)
    return _number(item()) if item is not None else str(value)


def _place(place: Place | None) -> dict[str, Any] | None:
    if place is None:
        return None
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "cell": place.cell,
    }


def _edit(edit: Edit | None) -> dict[str, Any] | None:
    if edit is None:
        return None
    return {
        "kind": edit.kind,
        "title": edit.title,
        "safe": edit.safe,
        "operations": [
            {"verb": o.verb, "place": _place(o.place), "parameters": dict(o.parameters)}
            for o in edit.operations
        ],
    }


def diagnosis_from(data: Mapping[str, Any]) -> Diagnosis:
    """The diagnosis that `as_dict` wrote."""
    crash = data["crash"]
    return Diagnosis(
        data["script"],
        _tree(data["findings"], None),
        data["ending"],
        data["note"],
        None
        if crash is None
        else Crash(crash["kind"], crash["message"], _place_from(crash["place"]), crash["traceback"]),
        data["seconds"],
        data["versions"],
        data["fits"],
        data["failed"],
    )


def _tree(rows: list[dict[str, Any]], parent: int | None) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            row["rule"],
            row["severity"],
            None if row["file"] is None else _place_from(row),
            row["message"],
            row["evidence"],
            tuple(row["explains"]),
            _edit_from(row["edit"]),
            _tree(rows, index),
            float(row["cost"]),
        )
        for index, row in enumerate(rows)
        if row["explained_by"] == parent
    )


def _place_from(data: Mapping[str, Any] | None) -> Place | None:
    if data is None:
        return None
    return Place(
        data["file"], data["line"], data["column"], data["end_column"], data["end_line"], data["cell"]
    )


def _edit_from(data: Mapping[str, Any] | None) -> Edit | None:
    if data is None:
        return None
    operations = []
    for row in data["operations"]:
        place = _place_from(row["place"])
        if place is not None:
            operations.append(Operation(row["verb"], place, row["parameters"]))
    return Edit(data["title"], tuple(operations), data["safe"])
