"""A few random views of each sample, kept: augmentation at the front of a model, on top of features.

The trunk, augmentation included, runs over the arrays as often as views are wanted. Epoch after epoch then
takes the next view, its samples in a new order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import HeadError
from headstart.frozen.batch_size import FIRST as BATCH
from headstart.frozen.data import trunk_arrays
from headstart.frozen.runner import keras_runner

if TYPE_CHECKING:
    from headstart.frozen.job import Job


def views_of_arrays(job: Job, x: Any, y: Any, how: dict[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
    """Features of random views of arrays, as data for `model.fit`.

    Args:
        job: What `fit` works with; its trunk augments.
        x: Arrays.
        y: Targets.
        how: The other arguments of `fit`.

    Returns:
        A `keras.utils.PyDataset`, None for its targets, and the other arguments without those that it has
        taken in.

    Raises:
        HeadError: If `validation_split` is asked for: held-out samples must not be augmented.
    """
    if how["validation_split"]:
        raise HeadError(
            "With views and augmentation in the model, held-out samples are given as validation_data",
            f"validation_split={how['validation_split']}",
            "split the arrays and give their last part as validation_data",
        )
    flat = job.entry.flat(x)
    views = [job.named(_augmented(job, flat, view), flat) for view in range(job.views)]
    dataset = _dataset(views, y, how["sample_weight"], how["batch_size"] or BATCH, bool(how["shuffle"]))
    taken: dict[str, Any] = {"sample_weight": None, "batch_size": None, "shuffle": False}
    if how["validation_batch_size"] is None:
        taken["validation_batch_size"] = how["batch_size"]
    return dataset, None, how | taken


def _augmented(job: Job, flat: list[NDArray[Any]], view: int) -> NDArray[np.float32]:
    trunk = job.boundary.trunk
    assert trunk is not None
    run = keras_runner(trunk, training=True)
    arrays = trunk_arrays(job.boundary, flat)
    n = len(arrays[0])
    rows = np.empty((n, job.bank.layout.width), np.float32)
    with job.voice.track(f"Frozen part, over x, view {view + 1} of {job.views}", n, "samples") as advance:
        for start in range(0, n, BATCH):
            part = [array[start : start + BATCH] for array in arrays]
            rows[start : start + BATCH] = job.bank.layout.pack(run(part))
            job.bank.computed += len(part[0])
            advance(len(part[0]))
    return rows


def _dataset(views: list[dict[str, NDArray[Any]]], y: Any, weight: Any, batch: int, shuffle: bool) -> Any:
    import keras

    n = len(next(iter(views[0].values())))

    class Views(keras.utils.PyDataset):  # type: ignore[misc, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self._random = np.random.default_rng(0)
            self._view = -1
            self.on_epoch_end()

        def __len__(self) -> int:
            return -(-n // batch)

        def __getitem__(self, number: int) -> Any:
            some = self._order[number * batch : (number + 1) * batch]

            def rows(leaf: Any) -> Any:
                return leaf[some]

            return keras.utils.pack_x_y_sample_weight(
                keras.tree.map_structure(rows, views[self._view]),
                None if y is None else keras.tree.map_structure(rows, y),
                None if weight is None else keras.tree.map_structure(rows, weight),
            )

        def on_epoch_end(self) -> None:
            self._view = (self._view + 1) % len(views)
            self._order = self._random.permutation(n) if shuffle else np.arange(n)

    return Views()
