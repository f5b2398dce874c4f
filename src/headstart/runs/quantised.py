"""What int8 changed: the saved model computes in float, and the head was trained on features in int8.

So both are measured on the same held-out pictures: the head on their features in int8, which is what training
and `headstart predict` see, and the head on their features in float, which is what the saved file gives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.backbones import Trunk
from headstart.core import numbers
from headstart.core.errors import RunError
from headstart.core.numbers import Estimate
from headstart.core.progress import Voice
from headstart.engines.cosines import cosines
from headstart.engines.int8_trial import Trial
from headstart.features.extract import extract
from headstart.features.records import Features
from headstart.features.store import Store
from headstart.heads.records import Head
from headstart.runs.look import Data
from headstart.runs.report.words import plural

PICTURES = 256
"""Held-out pictures on which both are measured; all of them where they are fewer."""

FOR_THE_FILE = 32
"""Pictures by which the saved file is held against the same head in float. Fewer than without int8: what is
in doubt here are the answers, which `Effect` measures, and less whether the file is the function."""

WORSE = 0.01
"""By how much the saved model's accuracy may be below that in int8, beyond what chance explains."""

CHANGED = 0.1
"""Largest share of changed decisions that is accepted."""


@dataclass(frozen=True)
class Effect:
    """The head on features in int8 against the saved model, on the same held-out pictures.

    Attributes:
        part: Which part they are from: 'validation' or 'test'.
        n: How many there are.
        accuracy: Through int8.
        accuracy_saved: Of the saved model, through `precision`.
        lost: Right through int8 and wrong in the saved model.
        won: The other way round.
        changed: Pictures that got another class.
        largest: Largest difference in a probability.
        least_cosine: Least cosine between a picture's features in int8 and in `precision`.
        mean_cosine: Its mean.
        precision: In which the saved model's trunk was run here.
        trial: Speed and agreement before the pass.
    """

    part: str
    n: int
    accuracy: Estimate
    accuracy_saved: Estimate
    lost: int
    won: int
    changed: int
    largest: float
    least_cosine: float
    mean_cosine: float
    precision: str
    trial: Trial | None

    @property
    def holds(self) -> bool:
        """Whether the saved model does what was measured, as far as these pictures can tell."""
        loss = self.lost - self.won
        # Decisions that turned either way with equal chance differ by so much at most, in 95 of 100 cases.
        by_chance = numbers.Z95 * np.sqrt(self.lost + self.won)
        worse = loss > WORSE * self.n and loss > by_chance
        return not worse and self.changed <= max(1, CHANGED * self.n)

    def error(self) -> RunError:
        """What to say where it does not."""
        return RunError(
            f"--precision int8 is used where the saved model, which computes in float, changes at most"
            f" {100 * CHANGED:.0f} of 100 decisions and is not worse than what was measured in int8",
            f"an accuracy of {self.accuracy:.3f} in int8 and {self.accuracy_saved.value:.3f} in the saved"
            f" model, with {self.changed} of {self.n} decisions changed",
            "use --precision auto",
        )

    def note(self) -> str:
        """For the terminal and the report, a sentence."""
        return (
            f"int8 on {self.n:,} {self.part} pictures: accuracy {self.accuracy.value:.3f} through int8,"
            f" {self.accuracy_saved.value:.3f} in the saved model, which computes in float;"
            f" {plural(self.changed, 'decision')} changed, the largest difference in a probability"
            f" {self.largest:.2g}"
        )

    def as_dict(self) -> dict[str, object]:
        """For metrics.json."""
        trial = self.trial
        return {
            "calibrated_on": None if trial is None else trial.calibrated,
            "calibration_seconds": None if trial is None else round(trial.seconds, 3),
            "pictures_per_second": None if trial is None else round(trial.rate, 2),
            "compared_with": None if trial is None else trial.other,
            "pictures_per_second_compared": None if trial is None else round(trial.other_rate, 2),
            "times_as_fast": None if trial is None else round(trial.ratio, 3),
            "cosine_with_f32": None
            if trial is None
            else {"least": trial.least_cosine, "mean": trial.mean_cosine, "n": trial.n},
            "part": self.part,
            "n": self.n,
            "accuracy": self.accuracy.as_dict(),
            "accuracy_saved_model": self.accuracy_saved.as_dict(),
            "saved_model_run_in": self.precision,
            "cosine_with_saved_model": {"least": self.least_cosine, "mean": self.mean_cosine},
            "changed_decisions": self.changed,
            "largest_difference": self.largest,
        }


def measure_effect(
    data: Data, trunk: Trunk, head: Head, store: Store, seed: int, voice: Voice
) -> tuple[Effect, Features, NDArray[np.int64]]:
    """Measures the head through float as well, on held-out pictures.

    Args:
        data: With features in int8.
        trunk: The trunk, in float.
        head: Trained on the features in int8.
        store: Keeps the features in float.
        seed: Seeds the choice of pictures.
        voice: Told the progress.

    Returns:
        What int8 changed; the features in the precision that `auto` takes of those pictures, and of so many
        others that the saved file can be judged; and the indices of all these, in the same order.
    """
    part, indices = _held_out(data, seed)
    others = np.setdiff1d(np.arange(len(data.pictures)), indices)
    more = np.random.default_rng(seed).permutation(others)[: max(0, FOR_THE_FILE - len(indices))]
    own = np.concatenate([indices, more])
    paths = [data.pictures.paths[int(i)] for i in own]
    exact = extract(paths, trunk, store, engine="openvino", precision="auto", strict=True, voice=voice)
    quantised, unquantised = data.features.matrix[indices], exact.matrix[: len(indices)]
    labels = data.pictures.labels[indices]
    ours, saved = head.probabilities(quantised), head.probabilities(unquantised)
    right, right_saved = ours.argmax(axis=1) == labels, saved.argmax(axis=1) == labels
    found = cosines(unquantised, quantised)
    effect = Effect(
        part=part,
        n=len(indices),
        accuracy=numbers.share(int(right.sum()), len(indices)),
        accuracy_saved=numbers.share(int(right_saved.sum()), len(indices)),
        lost=int((right & ~right_saved).sum()),
        won=int((~right & right_saved).sum()),
        changed=int((ours.argmax(axis=1) != saved.argmax(axis=1)).sum()),
        largest=float(np.abs(ours - saved).max()),
        least_cosine=float(found.min()),
        mean_cosine=float(found.mean()),
        precision=exact.maker.precision,
        trial=data.features.trial,
    )
    return effect, exact, own


def _held_out(data: Data, seed: int) -> tuple[str, NDArray[np.int64]]:
    """The part that makes the headline, and indices of some of its pictures, ascending."""
    part = "test" if len(data.part("test")) else "validation"
    held = data.part(part)
    chosen = np.random.default_rng(seed).choice(len(held), min(PICTURES, len(held)), replace=False)
    return part, held[np.sort(chosen)]
