"""The rules, one file each under `rules/<group>/`; found by their files, so adding one edits nothing else."""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
from collections.abc import Iterable
from functools import cache

from headstart.core.errors import SettingsError
from headstart.doctor.rules.protocol import Rule, rule_from

ENTRY_POINTS = "headstart.rules"
"""Plug-ins name a module, with `NAME`, `GROUP` and `check`, or a package of such modules, in this group."""


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by name: headstart's own, then those of plug-ins."""
    found: dict[str, Rule] = {}
    for group in sorted(pkgutil.iter_modules(__path__), key=lambda m: m.name):
        if not group.ispkg:
            continue
        package = importlib.import_module(f"{__name__}.{group.name}")
        for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
            if not module.name.startswith("_"):
                _add(found, f"{package.__name__}.{module.name}", group.name)
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        _add(found, point.value, point.name)
    return found


def _add(found: dict[str, Rule], path: str, origin: str) -> None:
    module = importlib.import_module(path)
    if hasattr(module, "__path__") and not hasattr(module, "NAME"):
        for inner in pkgutil.iter_modules(module.__path__):
            _add(found, f"{path}.{inner.name}", origin)
        return
    rule = rule_from(module)
    if rule.name in found:
        raise SettingsError(
            "Every rule must have a name of its own",
            f"{rule.name!r} from {path} and from {found[rule.name].module.__name__}",
            "rename one of them",
        )
    found[rule.name] = rule


def pick(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> list[Rule]:
    """The rules that are wanted; a group's name stands for all of its rules.

    Raises:
        SettingsError: If a name is neither a rule nor a group.
    """
    rules = all_rules()
    groups = {rule.group for rule in rules.values()}
    chosen, dropped = list(select), set(ignore)
    for name in [*chosen, *dropped]:
        if name not in rules and name not in groups:
            raise SettingsError(
                "--select and --ignore take names of rules or groups",
                repr(name),
                "see `headstart rules` for the list",
            )
    return [
        rule
        for rule in rules.values()
        if (not chosen or rule.name in chosen or rule.group in chosen)
        and rule.name not in dropped
        and rule.group not in dropped
    ]
