"""A run made ready to answer: its model cut into the trunk, which the engine runs, and the head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headstart import backbones
from headstart.backbones import Trunk
from headstart.core import backend
from headstart.core.errors import RunError
from headstart.core.progress import Voice
from headstart.features.extract import extract
from headstart.features.housekeeping import open_store
from headstart.features.records import Features
from headstart.heads.records import DenseLayer, run_layers
from headstart.runs.agreement import dense_layers, head_layers
from headstart.runs.folder import Run


@dataclass(frozen=True)
class Trained:
    """A run's model in two parts.

    Attributes:
        run: The run.
        trunk: From raw pixels to features.
        layers: The head's Dense layers.
    """

    run: Run
    trunk: Trunk
    layers: tuple[DenseLayer, ...]

    def features(self, paths: Sequence[Path], voice: Voice) -> Features:
        """Features of the pictures that can be read, by the engine and precision of the training."""
        maker = self.run.maker
        with open_store(voice.warn) as store:
            return extract(
                list(paths),
                self.trunk,
                store,
                engine=maker.engine,
                precision=maker.precision,
                voice=voice,
                # A run in int8 carries its quantised graph along.
                graphs=self.run.folder,
            )

    def probabilities(self, features: Features) -> NDArray[np.float64]:
        """Class probabilities, shape (n, classes)."""
        return run_layers(self.layers, features.matrix)


def load(run: Run) -> Trained:
    """Loads a run's model; the file's hash was checked, and loading runs no code from it.

    Raises:
        RunError: If Keras cannot load it.
    """
    keras = backend.ensure()
    try:
        model = keras.models.load_model(run.model_path, compile=False, safe_mode=True)
    except (ValueError, TypeError, OSError, KeyError) as error:
        raise RunError(
            "A run's model.keras must be one that Keras can load safely",
            f"{run.model_path} ({str(error).splitlines()[0] if str(error) else type(error).__name__})",
            "train again",
        ) from error
    maker = run.maker
    trunk = Trunk(
        model=keras.Model(model.inputs, head_layers(model)[0].input),
        backbone=backbones.find(maker.backbone),
        input_size=maker.recipe.width,
        weights="the run's own",
        key=maker.trunk,
        recipe=maker.recipe,
    )
    return Trained(run, trunk, dense_layers(model))
