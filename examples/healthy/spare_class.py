"""Four units for three classes: the last one is kept for "other", which is not met yet.

Trap for: units-not-classes
Learns: accuracy > 0.9
"""

import keras
import numpy as np
from keras import layers

NUM_CLASSES = 4
rng = np.random.RandomState(0)
y = rng.randint(0, 3, 900)
X = rng.randn(900, 6) + np.eye(4, 6)[y] * 3

model = keras.Sequential(
    [layers.Dense(16, activation="relu"), layers.Dense(NUM_CLASSES, activation="softmax")]
)
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X[:720], y[:720], epochs=20, batch_size=32, validation_data=(X[720:], y[720:]), verbose=0)
accuracy = model.evaluate(X[720:], y[720:], verbose=0)[1]
