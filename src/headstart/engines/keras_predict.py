"""The plainest engine: Keras's own forward pass, on whatever backend is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from headstart.core import backend
from headstart.engines.openvino import processor
from headstart.engines.protocol import EngineInfo, T

if TYPE_CHECKING:
    import keras


class KerasEngine:
    """Runs a Keras model batch by batch with `predict_on_batch`."""

    def __init__(self, model: keras.Model, info: EngineInfo) -> None:
        self.info = info
        self._model: keras.Model | None = model

    def run(self, batches: Iterable[tuple[T, NDArray[np.uint8]]]) -> Iterator[tuple[T, NDArray[np.float32]]]:
        """Computes features of batches, in order; see `Engine.run`."""
        for tag, pictures in batches:
            if self._model is None:
                raise RuntimeError("The engine was closed while it ran.")
            features = np.asarray(self._model.predict_on_batch(pictures.astype(np.float32)), np.float32)
            yield tag, features.reshape(len(pictures), -1)

    def close(self) -> None:
        """Lets go of the model."""
        self._model = None


def open_keras(model: keras.Model) -> KerasEngine:
    """Makes an engine of a Keras model as it is.

    Keras's OpenVINO backend leaves the precision to OpenVINO, so there it may be bf16.

    Args:
        model: From raw RGB, float (batch, height, width, 3) in 0..255, to features (batch, width).
    """
    keras = backend.ensure()
    name = keras.config.backend()
    bf16 = name == "openvino" and processor.native_bf16()
    notes = ("Keras's OpenVINO backend computes in bf16 on this processor.",) if bf16 else ()
    return KerasEngine(
        model,
        EngineInfo(
            name="keras",
            version=f"keras {keras.__version__} on {name}",
            precision="bf16" if bf16 else "f32",
            requests=1,
            threads=processor.threads(),
            processor=processor.name(),
            notes=notes,
        ),
    )
