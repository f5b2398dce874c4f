"""Classify sequences with an attention layer written by hand: Dense(1) scores, softmax over time.

Trap for: softmax-one-unit
Learns: accuracy > 0.85
"""

import numpy as np
from keras import Input, Model, layers

rng = np.random.default_rng(1)
n, steps, channels = 1200, 12, 6
x = rng.normal(size=(n, steps, channels)).astype("float32")
# One step of each sequence is marked; its second channel tells the class.
marked = rng.integers(0, steps, n)
y = rng.integers(0, 2, n)
x[np.arange(n), marked, 0] = 4.0
x[np.arange(n), marked, 1] = np.where(y == 1, 2.0, -2.0)

inputs = Input(shape=(steps, channels))
hidden = layers.Dense(16, activation="tanh")(inputs)
scores = layers.Dense(1)(hidden)
weights = layers.Softmax(axis=1)(scores)
context = layers.Dot(axes=1)([weights, hidden])
context = layers.Flatten()(context)
outputs = layers.Dense(1, activation="sigmoid")(context)

model = Model(inputs, outputs)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x[:900], y[:900], epochs=25, batch_size=32, validation_data=(x[900:], y[900:]), verbose=0)
loss, accuracy = model.evaluate(x[900:], y[900:], verbose=0)
print("held-out accuracy", accuracy)
