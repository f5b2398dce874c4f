"""Makes sure of an import."""

from __future__ import annotations

import libcst as cst

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import Site


def apply(site: Site, operation: Operation) -> None:
    """Adds a name to an import that is there, or a new line after the first imports."""
    module, name = operation.parameters["module"], operation.parameters.get("name", "")
    after: cst.CSTNode | None = None
    for line in site.module.body:
        if not isinstance(line, cst.SimpleStatementLine):
            continue
        for small in line.body:
            if isinstance(small, cst.ImportFrom):
                if small.module is not None and site.code(small.module) == module and name:
                    _extend(site, small, name)
                    return
                after = line
            elif isinstance(small, cst.Import):
                if not name and any(site.code(alias.name) == module for alias in small.names):
                    return
                after = line
    text = f"from {module} import {name}\n" if name else f"import {module}\n"
    new = cst.parse_statement(text)
    if after is not None:
        site.change(after, lambda line: cst.FlattenSentinel([line, new]))
    else:
        site.change(site.module, lambda m: m.with_changes(body=[new, *m.body]))


def _extend(site: Site, statement: cst.ImportFrom, name: str) -> None:
    if isinstance(statement.names, cst.ImportStar):
        return
    if any(isinstance(alias.name, cst.Name) and alias.name.value == name for alias in statement.names):
        return

    def change(node: cst.ImportFrom) -> cst.ImportFrom:
        if isinstance(node.names, cst.ImportStar):
            return node
        names = list(node.names)
        if any(isinstance(a.name, cst.Name) and a.name.value == name for a in names):
            return node
        last = names[-1]
        comma = names[0].comma if len(names) > 1 else None
        if not isinstance(comma, cst.Comma):
            space = node.lpar.whitespace_after if node.lpar is not None else cst.SimpleWhitespace(" ")
            many = isinstance(space, cst.ParenthesizedWhitespace)
            comma = cst.Comma(whitespace_after=space if many else cst.SimpleWhitespace(" "))
        names[-1] = last.with_changes(comma=comma)
        return node.with_changes(names=[*names, cst.ImportAlias(cst.Name(name), comma=last.comma)])

    site.change(statement, change)
