"""Solve y' = -2 y, y(0) = 1 with a net: the loss is the residual of the equation, the targets are zeros.

Trap for: one-class-only, saturated-sigmoids, labels-rescaled, accuracy-on-regression
Learns: error < 0.1
"""

import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(0)


class Residual(keras.Model):
    """Gives y' + 2 y, with y = 1 + t N(t) so that the start is met."""

    def __init__(self):
        super().__init__()
        self.net = keras.Sequential(
            [layers.Dense(24, activation="tanh"), layers.Dense(24, activation="tanh"), layers.Dense(1)]
        )

    def solution(self, t):
        return 1.0 + t * self.net(t)

    def call(self, t):
        h = 0.01
        slope = (self.solution(t + h) - self.solution(t - h)) / (2 * h)
        return slope + 2.0 * self.solution(t)


t = np.linspace(0, 2, 400, dtype="float32").reshape(-1, 1)
model = Residual()
model.compile(optimizer=keras.optimizers.Adam(0.002), loss="mse")
model.fit(t, np.zeros_like(t), epochs=120, batch_size=50, verbose=0)
error = float(np.abs(ops.convert_to_numpy(model.solution(t)) - np.exp(-2 * t)).max())
print("largest error", error)
