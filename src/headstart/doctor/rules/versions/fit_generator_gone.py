"""`fit_generator`, `evaluate_generator` or `predict_generator` is called, which Keras 3 removed.

What it is
    `fit`, `evaluate` and `predict` have taken generators themselves since Keras 2.2; the methods of their
    own are gone.

Why it hurts
    The call raises an AttributeError.

Wrong
    model.fit_generator(generator, steps_per_epoch=100, epochs=5)

Right
    model.fit(generator, steps_per_epoch=100, epochs=5)

How it was measured
    The method was called on a live model of Keras 3, or will be by a line after the fit. The doctor
    answered it with the present method, and went on.

When it is wrong
    A class of the user's own may have a method by that name: the rule looks at the object.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable

from headstart.doctor.capture.patches.removed import OLD_METHODS, WORKERS
from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of
from headstart.doctor.rest.readings import is_model

NAME = "fit-generator-gone"
GROUP = "versions"
WHEN = "always"
FIXES = True


def check(case: Case) -> Iterable[Finding]:
    """Calls that were made, and calls that the rest of the script makes."""
    for event in case.trace.of_kind("removed-method"):
        if event.name in OLD_METHODS and event.place is not None:
            yield _finding(event.name, event.place, set(event.arguments) - {"new"})
    try:
        rest = case.probes.rest
    except ProbeError:
        return
    for use in rest.calls(*OLD_METHODS):
        if use.base is None or not is_model(use.base.live) or not isinstance(use.node, ast.Call):
            continue
        if use.name not in vars(type(use.base.live)):
            yield _finding(use.name, place_of(case, use.unit, use.node), set(use.keywords))


def _finding(old: str, place: Place, given: Collection[str]) -> Finding:
    new, names = OLD_METHODS[old]
    steps = [edits.rename_callee(place, new)]
    steps += [edits.rename_argument(place, name, names[name]) for name in given if name in names]
    workers = [name for name in WORKERS if name in given]
    if workers:
        steps.append(edits.remove_argument(place, *workers))
    # Keras 1 counted samples where Keras counts steps: only the user knows the size of a batch.
    counts = {"samples_per_epoch", "nb_val_samples", "val_samples"} & set(given)
    edit = None if counts else Edit(f"Call {new}", tuple(steps), safe=True)
    return Finding(
        NAME,
        "error",
        place,
        f"models of Keras 3 have no {old}(); {new}() takes generators itself",
        {"raised by Keras 3": "AttributeError"},
        explains=("fit-removed-arguments",),
        edit=edit,
        cost=0.9,
    )
