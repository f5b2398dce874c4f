"""Grey levels from 0 to 255 as tokens of an embedding: no pixels that want scaling.

Trap for: pixels-unscaled, features-unscaled
Learns: accuracy > 0.9
"""

import keras
import numpy as np
from keras import layers

rng = np.random.RandomState(0)
y = rng.randint(0, 2, 900)
X = rng.randint(0, 128, (900, 64))
X[y == 1, 20:30] = rng.randint(180, 256, ((y == 1).sum(), 10))

model = keras.Sequential(
    [
        keras.Input((64,), dtype="int32"),
        layers.Embedding(256, 12),
        layers.Conv1D(16, 5, activation="relu"),
        layers.GlobalMaxPooling1D(),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(X[:720], y[:720], epochs=10, batch_size=32, validation_data=(X[720:], y[720:]), verbose=0)
accuracy = model.evaluate(X[720:], y[720:], verbose=0)[1]
