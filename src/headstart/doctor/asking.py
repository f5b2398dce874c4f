"""Asks the rules about a case, and puts what they say in order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import RANK, Finding
from headstart.doctor.rules import all_rules
from headstart.doctor.rules.protocol import Rule

_COMMENT = re.compile(r"#\s*headstart:\s*ignore(?:\[([\w\-, ]*)\])?")


def ask(case: Case, rules: Iterable[Rule], failures: dict[str, str]) -> list[Finding]:
    """The findings of all rules that apply to the case, in no order yet.

    Args:
        failures: Gets an entry for a rule that raised: a defect of ours must not end the diagnosis.
    """
    found: list[Finding] = []
    # Symptoms come last: a curve that does not move is no news beside what keeps it from moving.
    for rule in sorted(rules, key=lambda rule: rule.symptom):
        if not _applies(rule, case) or (rule.symptom and _has_cause(found)):
            continue
        try:
            with case.trace.paused():
                found.extend(rule.check(case))
        except ProbeError:
            continue
        except Exception as error:
            failures[rule.name] = f"{type(error).__name__}: {error}"
    return [finding for finding in found if not _ignored(finding, case)]


def _has_cause(found: Iterable[Finding]) -> bool:
    """Whether something was found that can keep a model from learning."""
    harmless = ("cost", "versions", "use")
    groups = {name: rule.group for name, rule in all_rules().items()}
    return any(f.severity != "info" and groups.get(f.rule) not in harmless for f in found)


def _applies(rule: Rule, case: Case) -> bool:
    if rule.when == "always":
        return True
    return rule.when == case.stage and (case.stage == "end" or case.model is not None)


def _ignored(finding: Finding, case: Case) -> bool:
    """Whether a comment on one of the finding's lines silences it."""
    place = finding.place
    unit = case.unit(place) if place is not None else None
    if place is None or unit is None:
        return False
    for line in unit.text.splitlines()[place.line - 1 : place.end_line]:
        match = _COMMENT.search(line)
        if match and (match[1] is None or finding.rule in re.split(r"[,\s]+", match[1].strip())):
            return True
    return False


def arrange(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Orders findings: causes before what they explain, the explained folded in; the worst first.

    Findings of one rule at one place, seen at several fits, become one.
    """
    once: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        once.setdefault((finding.rule, finding.place), finding)
    left = sorted(
        once.values(),
        key=lambda f: (RANK[f.severity], -f.cost, f.place is None, f.place or (), f.rule),
    )
    cause: dict[int, Finding] = {}
    for finding in left:
        for other in left:
            if other is finding or id(finding) in cause or finding.rule not in other.explains:
                continue
            if not _leads_to(finding, other, cause):
                cause[id(finding)] = other
    return tuple(_with_folded(f, left, cause) for f in left if id(f) not in cause)


def _leads_to(start: Finding, goal: Finding, cause: dict[int, Finding]) -> bool:
    """Whether `goal` is already explained by `start`: two that explain each other must not vanish both."""
    step: Finding | None = goal
    while step is not None:
        if step is start:
            return True
        step = cause.get(id(step))
    return False


def _with_folded(finding: Finding, left: Sequence[Finding], cause: dict[int, Finding]) -> Finding:
    folded = tuple(_with_folded(f, left, cause) for f in left if cause.get(id(f)) is finding)
    return replace(finding, folded=folded)
