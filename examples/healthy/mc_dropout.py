"""Monte-Carlo dropout: dropout stays on at predict time, for the spread of the answers.

Trap for: training-flag-hardcoded, dropout-too-strong, reload-mismatch
Learns: error < 0.1
"""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
x = rng.uniform(-1, 1, size=(800, 1)).astype("float32")
y = np.sin(4 * x) + rng.normal(scale=0.1, size=x.shape).astype("float32")


class MonteCarloDropout(layers.Dropout):
    def call(self, inputs, training=None):
        return super().call(inputs, training=True)


inputs = keras.Input((1,))
h = layers.Dense(64, activation="relu")(inputs)
h = MonteCarloDropout(0.1)(h)
h = layers.Dense(64, activation="relu")(h)
h = MonteCarloDropout(0.1)(h)
outputs = layers.Dense(1)(h)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(0.003), loss="mse")
model.fit(x, y, epochs=60, batch_size=32, verbose=0)

grid = np.linspace(-1, 1, 50).reshape(-1, 1).astype("float32")
samples = np.stack([model.predict(grid, verbose=0) for _ in range(20)])
error = float(np.mean((samples.mean(axis=0) - np.sin(4 * grid)) ** 2))
print("error of the mean", error, "typical spread", samples.std(axis=0).mean())
