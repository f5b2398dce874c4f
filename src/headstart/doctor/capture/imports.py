"""Does something right after a module is first imported, or at once where it has been."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType

_waiting: dict[str, list[Callable[[ModuleType], None]]] = {}
_done: set[str] = set()


class _Loader(importlib.abc.Loader):
    """Wraps a module's own loader and calls those who wait when the module's code has run."""

    def __init__(self, inner: importlib.abc.Loader, name: str) -> None:
        self._inner = inner
        self._name = name

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # The module must see its own loader: resources and pickling ask for it.
        module.__loader__ = self._inner
        if module.__spec__ is not None:
            module.__spec__.loader = self._inner
        self._inner.exec_module(module)
        _call(self._name, module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in _waiting or fullname in _done:
            return None
        for finder in sys.meta_path:
            if isinstance(finder, _Finder):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, fullname)
                return spec
        return None


def _call(name: str, module: ModuleType) -> None:
    _done.add(name)
    for callback in _waiting.get(name, []):
        callback(module)


def when_imported(name: str, callback: Callable[[ModuleType], None]) -> None:
    """Calls `callback` with the module `name` once its code has run; at once where it has."""
    if name in sys.modules and name in _done | {name}:
        _waiting.setdefault(name, []).append(callback)
        _done.add(name)
        callback(sys.modules[name])
        return
    _waiting.setdefault(name, []).append(callback)
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
