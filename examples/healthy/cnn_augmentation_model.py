"""A plain image classifier from arrays of 0..255: augmentation, then Rescaling, then convolutions.

Trap for: pixels-unscaled, augment-range, double-rescale, train-below-val-confusion
Learns: accuracy > 0.85
"""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(8)
n = 700
yy, xx = np.mgrid[:28, :28]
labels = rng.integers(0, 4, n)
images = np.zeros((n, 28, 28, 3), dtype="uint8")
colours = np.array([[220, 40, 40], [40, 200, 60], [50, 80, 230], [220, 200, 40]])
for i, k in enumerate(labels):
    cx, cy, r = rng.uniform(9, 19), rng.uniform(9, 19), rng.uniform(4, 8)
    mask = np.hypot(xx - cx, yy - cy) < r
    images[i] = rng.integers(0, 120, (28, 28, 1))
    images[i][mask] = np.clip(colours[k] + rng.normal(scale=25, size=3), 0, 255)

model = keras.Sequential(
    [
        keras.Input((28, 28, 3)),
        layers.RandomFlip("horizontal"),
        layers.RandomRotation(0.1),
        layers.Rescaling(1 / 255.0),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.SpatialDropout2D(0.2),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dropout(0.4),
        layers.Dense(4, activation="softmax"),
    ]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    images[:560],
    labels[:560],
    epochs=15,
    batch_size=32,
    validation_data=(images[560:], labels[560:]),
    verbose=0,
)
accuracy = model.evaluate(images[560:], labels[560:], verbose=0)[1]
print("accuracy", accuracy)
