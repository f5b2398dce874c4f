"""Batches of pictures in, batches of features out, in the order in which the user's data gives them.

Keras reads datasets, DataLoaders, PyDatasets and generators through adapters. This one stands around Keras's
own: batches, order, shuffling, weights and length stay what they are, and only x is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.progress import Voice
from headstart.frozen import keras_inside
from headstart.frozen.bank import Bank

Feed = Callable[[Any], dict[str, NDArray[Any]]]
"""From a batch's x to features by name."""

ENOUGH = 32
"""Samples beyond the first pass before a stream is judged."""


@dataclass
class Watch:
    """Notices random augmentation in the data: after one whole pass, new pictures go on coming.

    Attributes:
        bank: Whose features are kept until then.
        voice: Told in one line.
        pass_batches: Batches in one pass; None until it is known.
        batches: Batches seen.
        later: Samples seen after the first pass.
        fresh: How many of those were never seen before.
    """

    bank: Bank
    voice: Voice
    pass_batches: int | None
    batches: int = 0
    later: int = 0
    fresh: int = 0

    def saw(self, samples: int, fresh: int) -> None:
        """Takes note of a batch."""
        self.batches += 1
        if not self.bank.keep or self.pass_batches is None or self.batches <= self.pass_batches + 1:
            # One batch more than a pass may have been taken to build metrics.
            return
        self.later += samples
        self.fresh += fresh
        if self.later >= ENOUGH and self.fresh > 0.9 * self.later:
            self.bank.keep = False
            self.voice.warn(
                f"headstart.fit: {self.fresh} of {self.later} pictures after the first epoch were never seen "
                "before, as random augmentation in the data makes them; from here on they go through the "
                "whole model, as in model.fit (views=K keeps K views of each picture)"
            )


def stream(
    inner: Any, feed: Feed, like: dict[str, NDArray[Any]], pass_batches: int | None, views: int = 0
) -> Any:
    """An adapter that `model.fit` takes as x.

    Args:
        inner: Keras's own adapter around the user's data.
        feed: Turns a batch's x into features.
        like: Features of an empty batch, for their types and shapes.
        pass_batches: Batches in one pass over the data; None where only its end tells.
        views: How many passes are computed; later epochs go over those again. 0 computes each.
    """

    class Features(keras_inside.adapter_class()):  # type: ignore[misc]
        def get_numpy_iterator(self) -> Iterator[Any]:
            return self._replayed(_replaced(batch, feed) for batch in inner.get_numpy_iterator())

        def get_jax_iterator(self) -> Iterator[Any]:
            return self._replayed(_replaced(batch, feed) for batch in inner.get_jax_iterator())

        def get_torch_dataloader(self) -> Iterable[Any]:
            return _Again(
                lambda: self._replayed(_replaced(batch, feed) for batch in inner.get_torch_dataloader())
            )

        def get_tf_dataset(self) -> Any:
            dataset = _tf_features(inner.get_tf_dataset(), feed, like)
            if not views:
                return dataset
            import tensorflow as tf

            replayed = tf.data.Dataset.from_generator(
                lambda: self._replayed(iter(dataset)), output_signature=dataset.element_spec
            )
            length = int(dataset.cardinality())
            if length == tf.data.UNKNOWN_CARDINALITY:
                return replayed
            return replayed.apply(tf.data.experimental.assert_cardinality(length))

        def _replayed(self, batches: Iterable[Any]) -> Iterator[Any]:
            return kept.over(batches) if kept else iter(batches)

        @property
        def num_batches(self) -> int | None:
            length: int | None = inner.num_batches
            return length

        @property
        def batch_size(self) -> int | None:
            size: int | None = inner.batch_size
            return size

        @property
        def has_partial_batch(self) -> bool | None:
            partial: bool | None = inner.has_partial_batch
            return partial

        @property
        def partial_batch_size(self) -> int | None:
            size: int | None = inner.partial_batch_size
            return size

        def on_epoch_begin(self) -> None:
            inner.on_epoch_begin()

        def on_epoch_end(self) -> None:
            inner.on_epoch_end()

    kept = KeptViews(views, pass_batches, endless=inner.num_batches is None) if views else None
    return Features()


class KeptViews:
    """Keeps the batches of the first passes over some data, and goes over them again afterwards.

    Args:
        views: How many passes are kept.
        pass_batches: Batches in one pass; None where only the end of the data tells.
        endless: Whether one iterator goes on over several passes, as that of a dataset that repeats.
    """

    def __init__(self, views: int, pass_batches: int | None, endless: bool) -> None:
        self._views = views
        self._length = pass_batches
        self._endless = endless and pass_batches is not None
        self._passes: list[list[Any]] = []
        self._replays = 0
        # Of its own, so that the order of everything else stays what the user's seed makes it.
        self._random = np.random.default_rng(0)

    def over(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Batches for one iterator: new ones until enough passes are kept, then kept ones."""
        source = iter(batches)
        while len(self._passes) < self._views:
            current: list[Any] = []
            for batch in source:
                current.append(batch)
                whole = len(current) == self._length
                if whole:
                    # Before it is handed out: whoever counts the batches never asks for one more.
                    self._passes.append(current)
                yield batch
                if whole:
                    break
            else:
                if self._length is None and current:
                    self._passes.append(current)
                return
            if not self._endless:
                return
        while True:
            chosen = self._passes[self._replays % self._views]
            self._replays += 1
            for position in self._random.permutation(len(chosen)):
                yield chosen[position]
            if not self._endless:
                return


class _Again:
    """Something that can be iterated again and again, each time from a new iterator."""

    def __init__(self, start: Callable[[], Iterator[Any]]) -> None:
        self._start = start

    def __iter__(self) -> Iterator[Any]:
        return self._start()


def _replaced(batch: Any, feed: Feed) -> Any:
    import keras

    x, y, weight = keras.utils.unpack_x_y_sample_weight(batch)
    return keras.utils.pack_x_y_sample_weight(feed(x), y, weight)


def _tf_features(dataset: Any, feed: Feed, like: dict[str, NDArray[Any]]) -> Any:
    """A `tf.data.Dataset` of features: Python computes them, the rest stays in the dataset."""
    import keras
    import tensorflow as tf

    names = list(like)

    def replace(*element: Any) -> Any:
        x, y, weight = keras.utils.unpack_x_y_sample_weight(element)
        flat = tf.nest.flatten(x)

        def compute(*leaves: NDArray[Any]) -> list[NDArray[Any]]:
            features = feed(tf.nest.pack_sequence_as(x, list(leaves)))
            return [features[name] for name in names]

        tensors = tf.numpy_function(compute, flat, [tf.as_dtype(like[name].dtype) for name in names])
        for tensor, name in zip(tensors, names, strict=True):
            tensor.set_shape([flat[0].shape[0], *like[name].shape[1:]])
        features = dict(zip(names, tensors, strict=True))
        return keras.utils.pack_x_y_sample_weight(features, y, weight)

    return dataset.map(replace)
