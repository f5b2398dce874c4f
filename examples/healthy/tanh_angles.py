"""Sine and cosine of an angle from a noisy reading: targets in [-1, 1], tanh on the output.

Trap for: bounded-output-wide-target, accuracy-on-regression
Learns: error < 0.05
Needs: TensorFlow
"""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

np.random.seed(0)
angle = np.random.uniform(-np.pi, np.pi, size=2000)
sensors = np.stack([np.cos(angle - k * np.pi / 4) for k in range(8)], axis=1)
sensors = np.maximum(sensors, 0) + np.random.normal(scale=0.05, size=sensors.shape)
target = np.stack([np.sin(angle), np.cos(angle)], axis=1)

model = keras.Sequential(
    [
        keras.Input(shape=(8,)),
        layers.Dense(32, activation="relu"),
        layers.Dense(32, activation="relu"),
        layers.Dense(2, activation="tanh"),
    ]
)
model.compile(optimizer="adam", loss="mean_squared_error", metrics=["mae"])
model.fit(
    sensors[:1600], target[:1600], epochs=30, validation_data=(sensors[1600:], target[1600:]), verbose=0
)
error = model.evaluate(sensors[1600:], target[1600:], verbose=0)[0]
print("mean squared error", error)
