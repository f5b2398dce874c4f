"""Puts an expression into a template."""

from __future__ import annotations

import libcst as cst

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import Site, expression

HOLE = "headstart_hole_"


def apply(site: Site, operation: Operation) -> None:
    """Fills the template's `{}` with the expression, its layout kept."""
    template = expression(operation.parameters["template"].replace("{}", HOLE))

    def change(inner: cst.BaseExpression) -> cst.BaseExpression:
        return fill(template, inner)

    site.change(site.expression(operation.place), change)


def fill(template: cst.BaseExpression, inner: cst.BaseExpression) -> cst.BaseExpression:
    """The template with each hole filled."""

    class Filler(cst.CSTTransformer):
        def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:  # noqa: N802
            return inner if original_node.value == HOLE else updated_node

    filled = template.visit(Filler())
    assert isinstance(filled, cst.BaseExpression)
    return filled
