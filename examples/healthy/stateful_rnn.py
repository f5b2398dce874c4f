"""Windows that follow on each other, in lanes: a stateful LSTM, where shuffling would break the order.

Trap for: no-shuffle-training, features-unscaled, val-missing
Learns: error < 0.2
"""

import keras
import numpy as np
from keras import layers

time = np.arange(16 * 200 + 1)
wave = (np.sin(time / 9.0) + 0.3 * np.sin(time / 2.0)).astype("float32")
lanes = wave[:-1].reshape(16, 200)
coming = wave[1:].reshape(16, 200)
X = np.concatenate([lanes[:, i : i + 20] for i in range(0, 200, 20)])[..., None]
y = np.concatenate([coming[:, i : i + 20] for i in range(0, 200, 20)])[..., None]

model = keras.Sequential(
    [
        keras.Input(batch_shape=(16, 20, 1)),
        layers.LSTM(32, stateful=True, return_sequences=True),
        layers.Dense(1),
    ]
)
model.compile("adam", "mse")
for epoch in range(25):
    history = model.fit(X, y, batch_size=16, epochs=1, shuffle=False, verbose=0)
    model.layers[0].reset_state()
error = history.history["loss"][-1]
