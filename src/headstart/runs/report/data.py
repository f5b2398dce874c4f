"""What the report is made of: plain values, so that any story of a run can be told by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from headstart.pictures.records import Skipped
from headstart.runs.metrics import CurvePoint, Metrics


@dataclass(frozen=True)
class Made:
    """What was done, in words and counts.

    Attributes:
        backbone: Its name.
        weights: Where its weights come from.
        engine: What computed the features, with version, processor and threads.
        precision: Of that computation ('f32', 'bf16'), with why where it was chosen.
        head: How the head was trained and what strength was chosen.
        layout: How the folder or manifest was understood.
        split: Where the split comes from.
        train: Pictures to train on.
        validation: Pictures to validate on.
        test: Pictures to test on; 0 where there are none.
        width: Pixels that the model takes, horizontally.
        height: Pixels that the model takes, vertically.
    """

    backbone: str
    weights: str
    engine: str
    precision: str
    head: str
    layout: str
    split: str
    train: int
    validation: int
    test: int
    width: int
    height: int


@dataclass(frozen=True)
class Epoch:
    """One epoch of a head that was trained by gradients; a number that is not finite is left out."""

    number: int
    loss: float
    validation_loss: float
    accuracy: float
    validation_accuracy: float


@dataclass(frozen=True)
class Mistake:
    """A picture that was given a wrong class.

    Attributes:
        file: Its name, as the reader would look for it.
        true: The class that its label gives it.
        predicted: The class that the model gave it.
        confidence: The probability of that class.
        thumbnail: A data URI, from `thumbnail`.
    """

    file: str
    true: str
    predicted: str
    confidence: float
    thumbnail: str


@dataclass(frozen=True)
class Twin:
    """Two pictures that are the same or nearly so.

    Attributes:
        first: File name of one.
        second: File name of the other.
        first_thumbnail: A data URI.
        second_thumbnail: A data URI.
        kind: 'identical' or 'near-identical'.
        similarity: Cosine of their features.
        note: What is worth knowing, such as 'labelled cats and dogs'; may be empty.
    """

    first: str
    second: str
    first_thumbnail: str
    second_thumbnail: str
    kind: str
    similarity: float
    note: str = ""


@dataclass(frozen=True)
class Stage:
    """A part of the work and the seconds of clock time that it took."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Agreement:
    """The saved model against the pipeline that trained it, on the same pictures.

    Attributes:
        n: How many pictures were compared.
        largest: Largest difference in a probability.
        changed: How many pictures got another class.
        bound: Largest difference that would have been accepted.
        pipeline: What it was compared with, in words.
    """

    n: int
    largest: float
    changed: int
    bound: float
    pipeline: str = "the pipeline that trained it"


@dataclass(frozen=True)
class ReportData:
    """Everything that the report shows. What is empty or None is left out of it.

    Attributes:
        title: Of the run, such as the name of the pictures' folder.
        created: When the run ended, with a time zone.
        version: Of headstart.
        run: Path of the run folder, as it should stand in a command.
        part: Which pictures the metrics are of: 'validation' or 'test'.
        metrics: Of that part.
        made: What was done.
        notes: Sentences that the reader must not miss, such as a warning of the split.
        epochs: Of a head trained by gradients.
        best_epoch: The number of the epoch whose weights were kept, or None.
        learning_curve: Accuracy as a function of training pictures, ascending.
        mistakes: The worst first; the first 24 are shown.
        twins: Pairs of identical or near-identical pictures; the first 12 are shown.
        twins_found: How many pairs there are in all.
        twins_moved: How many pictures changed their part, or were left out, to keep twins together.
        skipped: What could not be read, with reasons.
        stages: Where the time went, in order.
        seconds: Of the whole run, by the clock; time outside the stages shows as 'everything else'.
        agreement: The saved model against the training pipeline, or None.
        settings: Name and value of each setting as used.
        versions: Name and version of each package, of Python and the system.
    """

    title: str
    created: datetime
    version: str
    run: str
    part: str
    metrics: Metrics
    made: Made
    notes: tuple[str, ...] = ()
    epochs: tuple[Epoch, ...] = ()
    best_epoch: int | None = None
    learning_curve: tuple[CurvePoint, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    twins: tuple[Twin, ...] = ()
    twins_found: int = 0
    twins_moved: int = 0
    skipped: tuple[Skipped, ...] = ()
    stages: tuple[Stage, ...] = ()
    seconds: float = 0.0
    agreement: Agreement | None = None
    settings: tuple[tuple[str, str], ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
