"""Which of two rhythms a sequence follows, by an LSTM: its gates are sigmoids and live at their ends.

Trap for: saturated-sigmoids, vanishing-gradient
Learns: accuracy > 0.9
"""

import numpy as np
from keras.layers import LSTM, Dense, Input
from keras.models import Sequential

rng = np.random.default_rng(0)
n, steps = 800, 24
t = np.arange(steps)
y = rng.integers(0, 2, n)
period = np.where(y == 1, 6.0, 8.0)
phase = rng.uniform(0, 2 * np.pi, n)
X = np.sin(2 * np.pi * t[None, :] / period[:, None] + phase[:, None]) + rng.normal(scale=0.2, size=(n, steps))
X = X[..., None]

model = Sequential()
model.add(Input(shape=(steps, 1)))
model.add(LSTM(24, return_sequences=True))
model.add(LSTM(16))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X[:640], y[:640], epochs=20, batch_size=32, validation_data=(X[640:], y[640:]), verbose=0)
accuracy = model.evaluate(X[640:], y[640:], verbose=0)[1]
print("accuracy", accuracy)
