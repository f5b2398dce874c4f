"""Segment with integer maps; the border is labelled -1 and left out by the loss.

Trap for: label-out-of-range, onehot-labels-sparse-loss, int-labels-categorical-loss
Learns: score > 0.9
"""

import numpy as np
from keras import Input, Model, losses
from keras.layers import Conv2D

rng = np.random.default_rng(5)
H = W = 24
x = np.zeros((256, H, W, 3), dtype="float32")
y = np.zeros((256, H, W), dtype="int32")
for i in range(256):
    left, top = rng.integers(2, 12, 2)
    kind = rng.integers(1, 3)
    x[i] = rng.normal(0.3, 0.05, size=(H, W, 3))
    x[i, top : top + 8, left : left + 8, kind] += 0.5
    y[i, top : top + 8, left : left + 8] = kind
y[:, 0, :] = y[:, -1, :] = y[:, :, 0] = y[:, :, -1] = -1

inputs = Input((H, W, 3))
h = Conv2D(16, 3, padding="same", activation="relu")(inputs)
h = Conv2D(16, 3, padding="same", activation="relu")(h)
outputs = Conv2D(3, 1, activation="softmax")(h)
model = Model(inputs, outputs)
model.compile(optimizer="adam", loss=losses.SparseCategoricalCrossentropy(ignore_class=-1))
model.fit(x[:200], y[:200], epochs=12, batch_size=16, verbose=0)

answer = model.predict(x[200:], verbose=0).argmax(-1)
known = y[200:] >= 0
score = (answer == y[200:])[known].mean()
print("right pixels", score)
