"""What the script will do after this `fit`, by its text and the objects that are there: see `doctor/rest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.doctor.rest.values import Rest
from headstart.doctor.rest.walk import rest_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case


def measure(case: Case) -> Rest:
    """Follows what is left of the script; at its end nothing is."""
    return rest_of(case) if case.stage == "fit" else Rest(())
