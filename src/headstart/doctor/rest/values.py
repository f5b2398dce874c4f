"""What is known of a value in the part of a script that has not run yet."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from headstart.doctor.capture.source import Unit


class Unknown:
    """Stands for a value that only running would tell."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Source:
    """A data set or a loader.

    Attributes:
        key: The same for a source and what is merely read from it.
        live: The object, where it is there already.
        made: The call that will make it, else None.
        arguments: The arguments of that call.
    """

    key: int
    live: Any = field(default=None, compare=False)
    made: ast.Call | None = field(default=None, compare=False)
    arguments: Mapping[str, Val] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Tag:
    """Something that went into a value.

    Attributes:
        kind: "prediction", "truth" (labels of a source), "input" (its x), "picture" (read from a file),
            "scaled", "opaque" (through a function that was not followed), "history", "reloaded".
        key: Of a source for "truth" and "input"; of the model for "prediction".
        reading: The loop or call that reads the source, by its node's id: two readings of a shuffled
            source come in two orders.
        node: Where it came from.
        thing: The model, or the source.
        of: For "prediction": the tags of what was predicted on.
    """

    kind: str
    key: int = 0
    reading: int = 0
    node: ast.AST | None = field(default=None, compare=False)
    thing: Any = field(default=None, compare=False)
    of: Val | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Function:
    """A function of the user's, to be followed."""

    node: ast.FunctionDef | ast.Lambda
    unit: Unit
    names: Any = field(compare=False)
    bound: Val | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Val:
    """A value.

    Attributes:
        live: The object, or `UNKNOWN`.
        tags: What went into it.
        exact: For the untouched result of a `predict`: its tag.
        row: Whether it is one row of that result.
        source: Set for a data set or loader.
        parts: Of a tuple.
        element: What iterating gives, where that is known.
        function: Set for a function of the user's.
    """

    live: Any = UNKNOWN
    tags: frozenset[Tag] = frozenset()
    exact: Tag | None = None
    row: bool = False
    source: Source | None = None
    parts: tuple[Val, ...] | None = None
    element: Val | None = None
    function: Function | None = None

    @property
    def known(self) -> bool:
        """Whether the object itself is there."""
        return self.live is not UNKNOWN

    def of_kind(self, kind: str) -> list[Tag]:
        """The tags of one kind."""
        return [tag for tag in self.tags if tag.kind == kind]


def mixed(*values: Val | None) -> Val:
    """A value that comes from several, by a way that is not known."""
    tags: frozenset[Tag] = frozenset()
    for value in values:
        if value is not None:
            tags |= value.tags
            if value.parts:
                tags |= mixed(*value.parts).tags
    return Val(tags=tags)


@dataclass(frozen=True)
class Use:
    """An expression of the rest, with what is known of its parts.

    Attributes:
        kind: "call", "compare", "subscript", "attribute", "set" (an attribute is assigned) or "branch" (an
            `if` or `a if b else c`).
        node: The expression, or the `if` statement.
        unit: The text that it stands in.
        name: The last name of what is called, or of the attribute.
        base: What it is called on, read from, or indexed.
        args: Arguments; for a comparison its sides, for a subscript the index, for a branch the test, for a
            set the value.
        keywords: Keyword arguments.
        callee: For a call, the function itself.
        loops: The loops that it stands in, of those that were met.
        order: Its number.
    """

    kind: str
    node: ast.AST
    unit: Unit
    name: str
    base: Val | None
    args: tuple[Val, ...]
    keywords: Mapping[str, Val]
    callee: Val | None = None
    loops: tuple[ast.AST, ...] = ()
    order: int = 0

    def argument(self, position: int, name: str) -> Val | None:
        """An argument by position or by name."""
        if name in self.keywords:
            return self.keywords[name]
        return self.args[position] if len(self.args) > position else None


@dataclass(frozen=True)
class Rest:
    """All uses in the part that has not run, in order."""

    uses: tuple[Use, ...]

    def calls(self, *names: str) -> list[Use]:
        """Calls of functions or methods by their last names."""
        return [use for use in self.uses if use.kind == "call" and use.name in names]

    def of_kind(self, kind: str) -> list[Use]:
        """Uses of one kind."""
        return [use for use in self.uses if use.kind == kind]
