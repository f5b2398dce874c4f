"""A small net learns one task, its weights go to a file, and a frozen copy serves another task.

Trap for: random-backbone-frozen, load-weights-silent, frozen-base-recomputed, nothing-trainable
Learns: accuracy > 0.8
"""

import tempfile
from pathlib import Path

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

digits = load_digits()
x = (digits.images[..., None] / 16.0).astype("float32")
y = digits.target
order = np.random.default_rng(0).permutation(len(x))
x, y = x[order], y[order]
low, high = y < 6, y >= 6
weights_file = Path(tempfile.mkdtemp()) / "trunk.weights.h5"


def make_trunk():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(16, 3, activation="relu", padding="same"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
        ],
        name="trunk",
    )


trunk = make_trunk()
first = keras.Sequential([trunk, layers.Dense(6, activation="softmax")])
first.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
first.fit(x[low], y[low], epochs=8, batch_size=32, verbose=0)
trunk.save_weights(weights_file)

frozen = make_trunk()
frozen.load_weights(weights_file)
frozen.trainable = False
second = keras.Sequential([frozen, layers.Dense(4, activation="softmax")])
second.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
x2, y2 = x[high], y[high] - 6
second.fit(x2[:500], y2[:500], epochs=15, batch_size=16, verbose=0)
accuracy = second.evaluate(x2[500:], y2[500:], verbose=0)[1]
print("accuracy", accuracy)
