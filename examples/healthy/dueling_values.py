"""The value of a state and what each action adds, put together in a Lambda: a layer of one unit inside.

Trap for: capacity-too-small, hidden-activation-missing, units-not-classes
Learns: left < 0.1
"""

import keras
import numpy as np
from keras import layers, ops

rng = np.random.RandomState(0)
states = rng.randn(1500, 4).astype("float32")
values = np.stack([states[:, 0] * 2, states[:, 1] - states[:, 2], -states[:, 3]], axis=1) + states[:, :1]

inputs = keras.Input((4,))
hidden = layers.Dense(32, activation="relu")(inputs)
value = layers.Dense(1)(hidden)
extra = layers.Dense(3)(hidden)
answers = layers.Lambda(lambda t: t[0] + t[1] - ops.mean(t[1], axis=1, keepdims=True))([value, extra])
model = keras.Model(inputs, answers)
model.compile(keras.optimizers.Adam(3e-3), keras.losses.Huber())
model.fit(states[:1200], values[:1200], epochs=20, batch_size=64, validation_split=0.1, verbose=0)
left = float(np.mean((model.predict(states[1200:], verbose=0) - values[1200:]) ** 2) / values.var())
