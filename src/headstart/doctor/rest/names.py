"""The names that a piece of the user's code sees, and the live objects behind them."""

from __future__ import annotations

import builtins
import inspect
import types
from collections.abc import Mapping
from typing import Any

from headstart.doctor.capture.source import Unit
from headstart.doctor.rest import readings
from headstart.doctor.rest.values import UNKNOWN, Source, Val


class Names:
    """The names that a piece of code sees: its own, then those of the run."""

    def __init__(
        self, unit: Unit, local: Mapping[str, Any], world: Mapping[str, Any], above: Names | None = None
    ) -> None:
        self.unit = unit
        self._own: dict[str, Val] = {}
        self._local = local
        self._world = world
        self._above = above

    def get(self, name: str) -> Val:
        """What a name stands for."""
        if name in self._own:
            return self._own[name]
        for space in (self._local, self._world):
            if name in space:
                return of_live(space[name])
        if self._above is not None:
            return self._above.get(name)
        found = vars(builtins).get(name, UNKNOWN)
        return Val(live=found)

    def set(self, name: str, value: Val) -> None:
        """Binds a name."""
        self._own[name] = value

    def has_own(self, name: str) -> bool:
        """Whether the piece itself has bound it."""
        return name in self._own


def of_live(value: Any) -> Val:
    """A live object as a value."""
    source = Source(id(value), value) if readings.is_source(value) else None
    return Val(live=value, source=source)


def attribute_of(live: Any, name: str) -> Any:
    """An attribute of a live object, where reading it runs no code of the user's."""
    if live is UNKNOWN or name.startswith("__"):
        return UNKNOWN
    if isinstance(live, types.ModuleType):
        return vars(live).get(name, UNKNOWN) if "__getattr__" not in vars(live) else _lazily(live, name)
    try:
        static = inspect.getattr_static(live, name)
    except AttributeError:
        return UNKNOWN
    foreign = not str(getattr(type(live), "__module__", "")).startswith("__main__")
    if isinstance(static, property) and not foreign:
        return UNKNOWN
    try:
        return getattr(live, name)
    except Exception:
        return UNKNOWN


def _lazily(module: types.ModuleType, name: str) -> Any:
    """A name of a module that loads its parts when asked, such as TensorFlow; nothing is loaded here."""
    found = vars(module).get(name, UNKNOWN)
    if found is UNKNOWN and module.__name__.startswith(("tensorflow", "keras")):
        try:
            return getattr(module, name)
        except Exception:
            return UNKNOWN
    return found
