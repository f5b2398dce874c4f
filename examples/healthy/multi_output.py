"""One trunk, three heads: digit, parity and amount of ink; a loss for each by name.

Trap for: units-not-classes, logits-without-flag, relu-output-signed-target, mse-for-classes
Learns: result["digit_accuracy"] > 0.9
"""

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

digits = load_digits()
images = (digits.images / 16.0).astype("float32")[..., None]
digit = digits.target
parity = (digit % 2).astype("float32")
ink = images.mean(axis=(1, 2, 3))
ink = (ink - ink.mean()) / ink.std()

a, b = train_test_split(np.arange(len(images)), test_size=0.2, random_state=0)

inputs = keras.Input((8, 8, 1), name="image")
x = layers.Conv2D(16, 3, activation="relu")(inputs)
x = layers.Conv2D(32, 3, activation="relu")(x)
x = layers.Flatten()(x)
x = layers.Dense(64, activation="relu")(x)
model = keras.Model(
    inputs,
    {
        "digit": layers.Dense(10, activation="softmax", name="digit")(x),
        "parity": layers.Dense(1, activation="sigmoid", name="parity")(x),
        "ink": layers.Dense(1, name="ink")(x),
    },
)
model.compile(
    optimizer="adam",
    loss={"digit": "sparse_categorical_crossentropy", "parity": "binary_crossentropy", "ink": "mse"},
    loss_weights={"digit": 1.0, "parity": 0.5, "ink": 0.5},
    metrics={"digit": "accuracy", "parity": "accuracy"},
)
model.fit(
    images[a], {"digit": digit[a], "parity": parity[a], "ink": ink[a]}, epochs=12, batch_size=32, verbose=0
)
result = model.evaluate(
    images[b], {"digit": digit[b], "parity": parity[b], "ink": ink[b]}, return_dict=True, verbose=0
)
print(result)
