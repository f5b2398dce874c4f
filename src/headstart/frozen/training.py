"""`headstart.fit`: `model.fit` that never computes a frozen layer twice.

The story: find the boundary; run what lies before it once for each distinct sample, or take that from the
store; then let the model's own `fit` train on the features. Where nothing can be split, the model's own
`fit` does it all, and a line says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from headstart.core.backend import choose
from headstart.core.errors import HeadError, SettingsError
from headstart.core.progress import Voice
from headstart.frozen import keras_inside
from headstart.frozen.boundary import find
from headstart.frozen.data import Entry, trunk_arrays
from headstart.frozen.feeding import takes_features
from headstart.frozen.folder import read_folder
from headstart.frozen.job import Job, open_job
from headstart.frozen.records import Boundary
from headstart.frozen.says import voice as voice_for
from headstart.frozen.streams import Feed, Watch
from headstart.frozen.streams import stream as feature_stream
from headstart.frozen.trial import Outcome
from headstart.frozen.views import views_of_arrays
from headstart.frozen.vouch import doubt

if TYPE_CHECKING:
    import keras


PRECISIONS = ("f32", "auto", "bf16")


@dataclass(frozen=True)
class FitReport:
    """What `fit` did beside training; it is the attribute `headstart` of the history that it returns.

    Attributes:
        boundary: Where the model was split, or why it was not.
        computed: Samples that went through the trunk.
        found: Distinct samples whose features the store had.
        plain: Why some or all of the training went through the whole model, or None.
        engine: What ran the frozen part and why, with the engines that were tried; None where nothing did.
    """

    boundary: Boundary
    computed: int
    found: int
    plain: str | None
    engine: Outcome | None = None


def fit(
    model: keras.Model,
    x: Any = None,
    y: Any = None,
    *,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: Any = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: bool = True,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
    validation_batch_size: int | None = None,
    validation_freq: Any = 1,
    views: int = 0,
    precision: str = "f32",
) -> keras.callbacks.History:
    """Trains a Keras model as `model.fit` does, and computes its frozen part once for each distinct sample.

    All arguments but `views` and `precision` are those of `model.fit`, with their meaning. Afterwards the
    model holds the trained weights, its optimizer and metrics are as after `model.fit`, and callbacks have
    seen the model itself.

    Args:
        model: A Keras model that is built and compiled.
        x: Arrays (or a list or dict of them, for several inputs), a `tf.data.Dataset`, a
            `keras.utils.PyDataset`, a PyTorch DataLoader, a generator, or the path of a folder of pictures
            with a folder for each class.
        y: Targets, where x does not bring them.
        batch_size: Samples in one step; 32 where not given.
        epochs: Passes over the data.
        verbose: 'auto', 0, 1 or 2. With 0 nothing is printed; warnings go to the log 'headstart'.
        callbacks: Keras callbacks.
        validation_split: Share of the arrays, from their end, that is held out.
        validation_data: What is held out, in any form that x may have.
        shuffle: Whether arrays are shuffled before each epoch.
        class_weight: Weight of each class in the loss.
        sample_weight: Weight of each sample in the loss.
        initial_epoch: The epoch to go on from.
        steps_per_epoch: Batches in an epoch.
        validation_steps: Batches of validation.
        validation_batch_size: Samples in one batch of validation.
        validation_freq: After how many epochs, or after which, validation runs.
        views: With random augmentation in the data or at the front of the model, how many random views of
            each sample are made and kept; later epochs go over these again. 0 makes new ones in every epoch,
            which leaves nothing to keep.
        precision: 'f32' computes the frozen part as the model's own backend would, within rounding; 'auto'
            allows bf16 too, where the processor has it natively and the features agree; 'bf16' asks for it.

    Returns:
        The history that `model.fit` gives. Its attribute `headstart` is a `FitReport`.

    Raises:
        HeadError: If the model is not built or compiled, or the data does not fit its inputs.
        EngineError: If the Keras backend in use cannot train, or bf16 is asked for and cannot be had.
        SettingsError: If `precision` is none of the three.
        StoreError: If the feature store cannot be written.
    """
    how: dict[str, Any] = {
        "batch_size": batch_size,
        "epochs": epochs,
        "verbose": verbose,
        "callbacks": callbacks,
        "validation_split": validation_split,
        "validation_data": validation_data,
        "shuffle": shuffle,
        "class_weight": class_weight,
        "sample_weight": sample_weight,
        "initial_epoch": initial_epoch,
        "steps_per_epoch": steps_per_epoch,
        "validation_steps": validation_steps,
        "validation_batch_size": validation_batch_size,
        "validation_freq": validation_freq,
    }
    _check(model, views, precision)
    voice = voice_for(verbose)
    if isinstance(x, str | Path):
        with read_folder(Path(x), model, voice) as data:
            x, y = data.train
            if validation_data is None and not validation_split:
                how["validation_data"] = data.validation
            return _fit(model, x, y, how, views, precision, voice)
    return _fit(model, x, y, how, views, precision, voice)


def _fit(
    model: keras.Model, x: Any, y: Any, how: dict[str, Any], views: int, precision: str, voice: Voice
) -> keras.callbacks.History:
    boundary = find(model, views=views > 0)
    reason = boundary.reason or _why_plain(model, boundary, x, y, how)
    if reason is not None:
        voice.warn(f"headstart.fit trains as model.fit does: {_lower(reason)}")
        history = model.fit(x, y, **how)
        history.headstart = FitReport(boundary, 0, 0, reason)
        return history
    for note in boundary.notes:
        voice.warn(f"headstart.fit: {note}")
    with open_job(model, boundary, voice, views, precision) as job:
        history = _train(job, x, y, how)
        plain = None if job.bank.keep else "random augmentation in the data"
        history.headstart = FitReport(boundary, job.bank.computed, job.bank.found, plain, job.engine.outcome)
    return history


def _check(model: Any, views: int, precision: str) -> None:
    import keras

    if not isinstance(model, keras.Model):
        raise HeadError(
            "A keras.Model can be trained", f"model={type(model).__name__}", "give fit a compiled Keras model"
        )
    choose(gradients=True)
    if not getattr(model, "compiled", False):
        raise HeadError(
            "A model must be compiled before it is trained",
            f"model '{model.name}', which is not",
            "call model.compile(optimizer=..., loss=...) first",
        )
    if not model.built:
        raise HeadError(
            "A model must be built before it can be split",
            f"model '{model.name}', whose layers have no weights yet",
            "let it begin with keras.Input(shape), or call model.build(input_shape)",
        )
    if views < 0:
        raise HeadError("views must be 0 or more", f"views={views}", "use views=4, or leave it out")
    if precision not in PRECISIONS:
        raise SettingsError(
            f"precision must be one of {', '.join(PRECISIONS)}",
            f"precision={precision!r}",
            "choose one of them",
        )


def _why_plain(model: keras.Model, boundary: Boundary, x: Any, y: Any, how: dict[str, Any]) -> str | None:
    """Why a model that could be split had better not be, in a sentence."""
    if own := keras_inside.overridden(model):
        return f"The model's class has a {own[0]} of its own, which may look at the pictures themselves"
    if keras_inside.distributed(model):
        return "The model trains on several devices, which features are not handed to"
    arrays = keras_inside.are_arrays(x, y, how["sample_weight"])
    if arrays and _sparse(x):
        return "x is sparse, and features are computed from dense arrays"
    if not arrays and (how["validation_split"] or x is None):
        return "Only arrays can be split into training and validation"
    if not arrays and boundary.augmenting:
        return (
            "Random augmentation at the front of the model is kept as views of arrays alone; "
            "for a dataset, put it into the dataset"
        )
    entry = Entry.of(model)
    return doubt(boundary, trunk_arrays(boundary, entry.flat(x)) if arrays else None)


def _sparse(x: Any) -> bool:
    import keras

    return any(hasattr(leaf, "tocoo") or "Sparse" in type(leaf).__name__ for leaf in keras.tree.flatten(x))


def _train(job: Job, x: Any, y: Any, how: dict[str, Any]) -> keras.callbacks.History:
    """Replaces x and the validation data by features, and lets the model's own `fit` do the rest."""
    arrays = keras_inside.are_arrays(x, y, how["sample_weight"])
    validation = how["validation_data"]
    if arrays:
        job.engine.expected = _samples(x) + _samples_of_validation(validation)
    else:
        x, how = _streamed(job, x, y, how)
        y = None
    if not arrays or not (validation is None or _are_arrays(validation)):
        # Some of the trunk's work comes while the model trains.
        job.engine.save()
    if job.boundary.augmenting and arrays:
        x, y, how = views_of_arrays(job, x, y, how)
    elif arrays:
        x = job.features(x, "Frozen part, over x")
    if validation is not None:
        how = how | {"validation_data": _validation(job, validation, how)}
    with takes_features(job.model, job.boundary):
        return job.model.fit(x, y, **how)


def _samples(x: Any) -> int:
    import keras

    return len(keras.tree.flatten(x)[0])


def _are_arrays(data: Any) -> bool:
    import keras

    return keras_inside.are_arrays(*keras.utils.unpack_x_y_sample_weight(data))


def _samples_of_validation(data: Any) -> int:
    import keras

    if data is None or not _are_arrays(data):
        return 0
    return _samples(keras.utils.unpack_x_y_sample_weight(data)[0])


def _streamed(job: Job, x: Any, y: Any, how: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Training data that comes in batches."""
    taken = {name: how[name] for name in ("batch_size", "steps_per_epoch", "shuffle", "class_weight")}
    inner = keras_inside.adapter(x, y, how["sample_weight"], **taken)
    length = inner.num_batches or how["steps_per_epoch"]
    if length is not None and inner.batch_size is not None:
        job.engine.expected = int(length) * int(inner.batch_size)
    if job.views:
        watch = Watch(job.bank, job.voice, None)
    else:
        watch = Watch(job.bank, job.voice, length)
        if length is None and isinstance(how["callbacks"], list | tuple | None):
            how = how | {"callbacks": [*(how["callbacks"] or ()), _end_of_first_pass(watch)]}
    stream = feature_stream(inner, _feed(job, watch), job.like(), length, job.views)
    # Keras's adapter has taken these in; beside it they would be refused or taken twice.
    return stream, how | {"sample_weight": None, "class_weight": None}


def _validation(job: Job, validation: Any, how: dict[str, Any]) -> Any:
    import keras

    x, y, weight = keras.utils.unpack_x_y_sample_weight(validation)
    if keras_inside.are_arrays(x, y, weight):
        return keras.utils.pack_x_y_sample_weight(job.features(x, "Frozen part, over validation"), y, weight)
    inner = keras_inside.adapter(
        x,
        y,
        weight,
        batch_size=how["validation_batch_size"] or how["batch_size"],
        steps_per_epoch=how["validation_steps"],
        shuffle=False,
    )
    return feature_stream(inner, _feed(job, None), job.like(), inner.num_batches)


def _feed(job: Job, watch: Watch | None) -> Feed:
    def feed(x: Any) -> dict[str, NDArray[Any]]:
        before = job.bank.computed
        features = job.features(x)
        if watch is not None:
            watch.saw(len(next(iter(features.values()))), job.bank.computed - before)
        return features

    return feed


def _end_of_first_pass(watch: Watch) -> keras.callbacks.Callback:
    import keras

    def note(epoch: int, logs: Any) -> None:
        del epoch, logs
        watch.pass_batches = watch.pass_batches or watch.batches

    return keras.callbacks.LambdaCallback(on_epoch_end=note)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
