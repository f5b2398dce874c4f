"""One file a verb, named after it. Each has `apply(site, operation)`, which asks the site for changes."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headstart.doctor.records import Operation
    from headstart.doctor.repair.site import Site


def carry_out(site: Site, operation: Operation) -> None:
    """Finds the verb's file and runs it.

    Raises:
        EditError: If the text is not as the operation expects it.
    """
    module = importlib.import_module(f"{__name__}.{operation.verb.replace('-', '_')}")
    module.apply(site, operation)
