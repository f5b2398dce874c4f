"""The `preprocess_input` of another family than the backbone's was called.

What it is
    Every family of `keras.applications` has a function by the same name, and each scales in its own way.
    Which one a script calls depends on an import line far above.

Why it hurts
    The pixels arrive in the wrong range, which has a rule of its own; this one says where it comes from.

Wrong
    from keras.applications.vgg16 import preprocess_input ... MobileNetV2(...)

Right
    from keras.applications.mobilenet_v2 import preprocess_input ... MobileNetV2(...)

How it was measured
    The function that ran, by the module that it belongs to and not by its name in the script, against the
    family of the live backbone.

When it is wrong
    Several families share a style, and their functions may be exchanged. A remark only: the rules on what
    reaches the backbone judge the harm.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.pictures.faults import fault_of
from headstart.doctor.records import Finding
from headstart.doctor.views.model import STYLES

NAME = "wrong-application-preprocess"
GROUP = "input"


def check(case: Case) -> Iterable[Finding]:
    """Compares the families of the calls with that of each wrongly fed backbone."""
    calls = case.trace.of_kind("preprocess")
    if not calls:
        return
    for entry in case.probes.entries:
        if fault_of(entry) is None or any(e.name == entry.backbone.family for e in calls):
            continue
        wrong = next((e for e in calls if STYLES.get(e.name) != STYLES.get(entry.backbone.family)), None)
        if wrong is not None:
            yield Finding(
                NAME,
                "info",
                wrong.place,
                f"this is the preprocess_input of {wrong.name}, but the backbone is {entry.backbone.name}",
                {"called": wrong.name, "wanted": entry.backbone.family},
            )
