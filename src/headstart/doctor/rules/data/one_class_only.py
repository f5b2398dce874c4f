"""All labels of the training data are the same class.

What it is
    A comparison that is never true, a folder level too high, or a wrong column gives every row one label.

Why it hurts
    The network learns to answer that class whatever it sees: loss near 0, accuracy 1, and no use.

Wrong
    y = (data[:, -1] == "yes").astype(int)  # the column holds "Yes"

Right
    y = (data[:, -1] == "Yes").astype(int)

How it was measured
    The labels of all training rows are counted, as far as the source can be read without running out.

When it is wrong
    Autoencoders and one-class nets have no class labels or a loss of their own; in a GAN the frozen judge
    is shown ones only. A stream that gives one class after another is another fault, and where only its
    beginning could be seen the rule is silent.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.views.data import classifies, labels_place

NAME = "one-class-only"
GROUP = "data"
FIXES = False

EXPLAINS = ("loss-not-falling", "class-imbalance", "sorted-validation-split", "empty-class")
FEWEST = 20


def check(case: Case) -> Iterable[Finding]:
    """Counts the classes."""
    ids = case.labels
    if ids is None or len(set(ids.tolist())) > 1:
        return
    if case.loss is None or not case.loss.crossentropy or not classifies(case) or _adversarial(case):
        return
    classes = case.probes.classes
    spread = case.train is not None and case.train.kind == "pydataset" and len(classes.batches) >= 10
    if len(classes.counts) != 1 or len(classes.ids) < FEWEST or not (classes.whole or spread):
        return
    label = next(iter(classes.counts))
    yield Finding(
        NAME,
        "error",
        labels_place(case),
        f"all training labels are class {label}, so there is nothing to tell apart",
        {"rows": len(classes.ids), "different labels": 1, "the label": label},
        EXPLAINS,
        cost=1.0,
    )


def _adversarial(case: Case) -> bool:
    """Whether the model ends in frozen layers, or is part of another one: the two halves of a GAN."""
    own = {id(v) for v in case.model.trainable_variables}
    for done in reversed(case.probes.flow.passes):
        weights = getattr(done.layer, "weights", None)
        if weights and not getattr(done.layer, "layers", None):
            if not any(id(w) in own for w in weights):
                return True
            break
    for event in case.trace.of_kind("layer"):
        made = event.result
        if made is not case.model and any(one is case.model for one in getattr(made, "layers", None) or ()):
            return True
    return False
