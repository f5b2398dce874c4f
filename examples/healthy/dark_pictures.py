"""Pictures at night: after the division by 255 nothing is above 0.12, and that is how they are.

Trap for: double-rescale, pixels-unscaled
Learns: accuracy > 0.9
"""

import keras
import numpy as np
from keras import layers

rng = np.random.RandomState(0)
y = rng.randint(0, 2, 700)
pictures = rng.randint(0, 14, (700, 20, 20, 1))
for i in np.flatnonzero(y):
    a, b = rng.randint(0, 13, 2)
    pictures[i, a : a + 7, b : b + 7] += 16
X = pictures.astype("float32") / 255

model = keras.Sequential(
    [
        keras.Input((20, 20, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.BatchNormalization(momentum=0.9),
        layers.Conv2D(16, 3, activation="relu"),
        layers.GlobalMaxPooling2D(),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(keras.optimizers.Adam(3e-3), "binary_crossentropy", metrics=["accuracy"])
model.fit(X[:560], y[:560], epochs=12, batch_size=32, validation_data=(X[560:], y[560:]), verbose=0)
accuracy = model.evaluate(X[560:], y[560:], verbose=0)[1]
