"""Does the saved file answer as the pipeline that trained it did? Measured before it is called a model.

The saved file is loaded again, and Keras's own graph of it is run in f32, without the channels-first pass,
on pictures that went through the fast engine. Its trunk's outputs are kept in the feature store,
so that a repeated run need not pay for the slow graph again; a few pictures go through the file as a
whole every time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headstart import engines
from headstart.backbones import Trunk
from headstart.core import backend
from headstart.core.errors import RunError
from headstart.features.decoding import Source, read_source
from headstart.features.records import Features, Row
from headstart.features.store import Store
from headstart.heads.records import DenseLayer, Head, run_layers

PICTURES = {"f32": 64, "bf16": 128}
"""Pictures compared, by the precision of the pipeline."""
WHOLE = 8
"""Pictures that go through the loaded file as a whole even where its trunk's outputs are known."""
BOUND = {"f32": 0.01, "bf16": 0.1}
"""Largest difference in probability that is accepted."""
CHANGED = 0.01
"""Largest share of changed decisions that is accepted in bf16; one borderline decision always is."""
REFERENCE = "keras-graph"


@dataclass(frozen=True)
class Agreement:
    """The saved model against the training pipeline.

    Attributes:
        n: Pictures compared.
        largest: Largest difference in a probability.
        changed: Pictures that got another class.
        bound: Largest difference that is accepted.
        precision: Of the training pipeline; the saved model was run in f32.
    """

    n: int
    largest: float
    changed: int
    bound: float
    precision: str

    @property
    def holds(self) -> bool:
        """Whether the saved model may be used in the pipeline's place."""
        too_many = self.precision == "bf16" and self.changed > max(1, CHANGED * self.n)
        return self.largest <= self.bound and not too_many

    def error(self) -> RunError:
        """What to say where it does not hold."""
        todo = (
            "use --precision f32"
            if self.precision == "bf16"
            else "use --engine keras, and report this with the model"
        )
        return RunError(
            f"The saved model must give the training pipeline's probabilities within {self.bound}"
            + (", with at most one decision in a hundred changed" if self.precision == "bf16" else ""),
            f"a largest difference of {self.largest:.4f} and {self.changed} of {self.n} decisions changed"
            f" (pipeline in {self.precision}, saved model in f32)",
            todo,
        )


def compare_saved(
    path: Path,
    trunk: Trunk,
    head: Head,
    features: Features,
    sources: list[Source],
    store: Store,
    seed: int,
    most: int | None = None,
) -> Agreement:
    """Loads the saved file and compares it with the pipeline.

    Args:
        path: The saved `.keras` file.
        trunk: The trunk that it was made from.
        head: The head that it was made from.
        features: What the pipeline computed, n rows.
        sources: The n pictures of those rows.
        store: Keeps the reference outputs of the trunk.
        seed: Seeds the choice of pictures.
        most: Most pictures to compare, where something else vouches for the answers; None is `PICTURES`.
    """
    keras = backend.ensure()
    model = keras.models.load_model(path, compile=False, safe_mode=True)
    n = min(most or PICTURES[features.maker.precision], len(features))
    chosen = np.sort(np.random.default_rng(seed).choice(len(features), n, replace=False))
    contents = [features.contents[i] for i in chosen]
    maker = replace(features.maker, engine=REFERENCE, precision="f32")
    known = {row.content: row.vector for row in store.get(maker, contents)}
    through = [i for i in chosen if features.contents[i] not in known]
    through += [i for i in chosen if i not in through][: max(0, WHOLE - len(through))]
    pixels = np.stack([read_source(sources[i], trunk.recipe).pixels for i in through])
    vectors, whole = _run_both(model, pixels)
    store.put(
        maker,
        [
            Row(features.contents[i], v, b"")
            for i, v in zip(through, vectors, strict=True)
            if features.contents[i] not in known
        ],
    )
    known |= {features.contents[i]: v for i, v in zip(through, vectors, strict=True)}
    saved = run_layers(dense_layers(model), np.stack([known[c] for c in contents]))
    ours = head.probabilities(features.matrix[chosen])
    place = {int(i): p for p, i in enumerate(chosen)}
    for row, i in enumerate(through):
        saved[place[int(i)]] = whole[row]
    return Agreement(
        n=n,
        largest=float(np.abs(saved - ours).max()),
        changed=int((saved.argmax(axis=1) != ours.argmax(axis=1)).sum()),
        bound=BOUND[features.maker.precision],
        precision=features.maker.precision,
    )


def head_layers(model) -> list:  # type: ignore[no-untyped-def, type-arg]
    """The Dense layers that follow the features, in order."""
    layers = []
    for layer in reversed(model.layers):
        if type(layer).__name__ == "Dense":
            layers.append(layer)
        elif type(layer).__name__ != "Dropout":
            break
    return layers[::-1]


def dense_layers(model) -> tuple[DenseLayer, ...]:  # type: ignore[no-untyped-def]
    """The head of a loaded model as arrays."""
    found = []
    for layer in head_layers(model):
        kernel, bias = layer.get_weights()
        found.append(DenseLayer(np.asarray(kernel), np.asarray(bias), layer.get_config()["activation"]))
    return tuple(found)


def _run_both(model, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:  # type: ignore[no-untyped-def]
    """Features and probabilities that Keras's own graph of the model gives in f32."""
    keras = backend.ensure()
    vectors = head_layers(model)[0].input
    both = keras.Model(model.inputs, keras.layers.Concatenate()([vectors, model.output]))
    engine = engines.open_openvino(both, precision="f32", channels_first=False)
    try:
        values = np.concatenate(
            [out for _, out in engine.run((None, pixels[i : i + 4]) for i in range(0, len(pixels), 4))]
        )
    finally:
        engine.close()
    width = int(vectors.shape[-1])
    return values[:, :width], values[:, width:]
