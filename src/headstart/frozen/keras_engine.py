"""The trunk on the Keras backend that trains: on the GPU where that sees one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from headstart.engines.openvino import processor
from headstart.engines.protocol import EngineInfo
from headstart.frozen.batch_size import FittingBatches
from headstart.frozen.runner import keras_runner

if TYPE_CHECKING:
    import keras


class KerasTensors:
    """Runs a trunk with Keras, in batches that fit into memory; see `TensorEngine`."""

    def __init__(self, trunk: keras.Model) -> None:
        import keras

        name = keras.backend.backend()
        self.gpu = sees_gpu(name)
        self.info = EngineInfo(
            name="keras",
            version=f"keras {keras.__version__} {name}{' gpu' if self.gpu else ''}",
            precision="f32",
            requests=1,
            threads=processor.threads(),
            processor=processor.name(),
        )
        self._run = FittingBatches(keras_runner(trunk), grow=self.gpu, free=lambda: _free(name))

    @property
    def batch(self) -> int:
        """How many samples are best given at once."""
        return self._run.size

    def compute(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Computes what the trunk gives; see `TensorEngine.compute`."""
        return self._run(arrays)

    def close(self) -> None:
        """Nothing is to be given back."""


def sees_gpu(backend: str) -> bool:
    """Whether Keras's backend computes on a GPU, of any maker."""
    if backend == "tensorflow":
        import tensorflow as tf

        return bool(tf.config.get_visible_devices("GPU"))
    if backend == "torch":
        from keras.src.backend.torch.core import get_device

        return str(get_device()).split(":")[0] not in ("cpu", "meta")
    if backend == "jax":
        import jax

        return bool(jax.default_backend() != "cpu")
    return False


def _free(backend: str) -> None:
    """Gives back the memory that PyTorch keeps for later; the others have none to give."""
    if backend == "torch":
        import torch

        if torch.cuda.is_available():
            torch.cuda.empty_cache()
