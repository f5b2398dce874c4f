"""Forecast the next value of a series: rows stay in time order and the last ones validate.

Trap for: sorted-validation-split, no-shuffle-training, accuracy-on-regression
Learns: error < 0.5 * naive
"""

import numpy as np
from keras.layers import Conv1D, Dense, Flatten, Input
from keras.models import Sequential

rng = np.random.default_rng(0)
t = np.arange(1200)
series = np.sin(t / 9) + 0.5 * np.sin(t / 23) + rng.normal(scale=0.03, size=len(t))
mean, std = series[:900].mean(), series[:900].std()
series = (series - mean) / std

window = 24
X = np.stack([series[i : i + window] for i in range(len(series) - window)])[..., None]
y = series[window:]

model = Sequential(
    [
        Input((window, 1)),
        Conv1D(16, 5, activation="relu"),
        Conv1D(16, 5, activation="relu"),
        Flatten(),
        Dense(1),
    ]
)
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
model.fit(X[:950], y[:950], epochs=25, batch_size=32, shuffle=False, validation_split=0.15, verbose=0)

error = float(np.mean((model.predict(X[950:], verbose=0)[:, 0] - y[950:]) ** 2))
naive = float(np.mean((X[950:, -1, 0] - y[950:]) ** 2))
print("mean squared error", error, "of the last value", naive)
