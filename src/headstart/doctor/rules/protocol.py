"""What a rule's file must have."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Literal

from headstart.core.errors import SettingsError

if TYPE_CHECKING:
    from headstart.doctor.case import Case
    from headstart.doctor.records import Finding

When = Literal["fit", "always", "end"]


@dataclass(frozen=True)
class Rule:
    """A rule as the doctor uses it.

    Attributes:
        name: Kebab-case, states the fault.
        group: The folder's name.
        when: "fit": asked at each fit, with model and data. "always": asked at each fit and at the end,
            also when no fit was reached. "end": asked once, when the script is over.
        check: Looks at a case and gives findings.
        page: The module's docstring.
        fixes: Whether it can propose an edit.
        module: Its file.
        symptom: Whether it names an effect only: it is asked last, and only where no cause was found.
    """

    name: str
    group: str
    when: When
    check: Callable[[Case], Iterable[Finding]]
    page: str
    fixes: bool
    module: ModuleType
    symptom: bool = False

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.page.strip().splitlines()[0]


def rule_from(module: ModuleType) -> Rule:
    """Reads `NAME`, `GROUP`, `check` and, where given, `WHEN`, `FIXES` and `SYMPTOM` from a rule's module.

    Raises:
        SettingsError: If one is missing.
    """
    missing = [name for name in ("NAME", "GROUP", "check", "__doc__") if not getattr(module, name, None)]
    if missing:
        raise SettingsError(
            "A rule's module must have NAME, GROUP, check(case) and a docstring",
            f"{module.__name__} without {', '.join(missing)}",
            "see docs/doctor-rules.md",
        )
    return Rule(
        module.NAME,
        module.GROUP,
        getattr(module, "WHEN", "fit"),
        module.check,
        inspect.cleandoc(module.__doc__ or ""),
        bool(getattr(module, "FIXES", False)),
        module,
        bool(getattr(module, "SYMPTOM", False)),
    )
