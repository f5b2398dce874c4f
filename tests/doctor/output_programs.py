"""Small programs about labels, heads and losses, put together from parts."""

from __future__ import annotations

HEAD = """
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
centres = rng.normal(size=({classes}, 6)) * 3
ids = np.arange({rows}) % {classes}
rng.shuffle(ids)
X = (centres[ids] + rng.normal(size=({rows}, 6))).astype("float32")
"""


def program(
    labels: str = "y = ids",
    last: str = 'layers.Dense(3, activation="softmax")',
    loss: str = '"sparse_categorical_crossentropy"',
    metrics: str = '["accuracy"]',
    fit: str = "X, y",
    *,
    classes: int = 3,
    rows: int = 240,
    more: str = "",
) -> str:
    """A classifier on clear clusters.

    Args:
        labels: The lines that make `y` from the class `ids`.
        last: The last layer.
        loss: The loss as written in `compile`; `metrics` likewise.
        fit: What `fit` is called with.
        classes: Classes in the data.
        rows: Rows in the data.
        more: Lines before the model.
    """
    return (
        HEAD.format(classes=classes, rows=rows)
        + labels
        + f"""
{more}
model = keras.Sequential()
model.add(keras.Input((6,)))
model.add(layers.Dense(12, activation="relu"))
model.add({last})
model.compile(optimizer="adam", loss={loss}, metrics={metrics})
model.fit({fit}, epochs=2, batch_size=32, verbose=0)
"""
    )
