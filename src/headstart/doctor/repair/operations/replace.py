"""Puts another expression in place of one."""

from __future__ import annotations

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import Site, expression


def apply(site: Site, operation: Operation) -> None:
    """Replaces the whole expression at the place."""
    code = operation.parameters["code"]
    site.change(site.expression(operation.place), lambda _: expression(code))
