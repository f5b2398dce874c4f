"""A Siamese net: one tower for two pictures, distance between the codes, contrastive loss.

Trap for: bounded-output-wide-target, logits-without-flag, mse-for-classes, accuracy-wrong-form
Learns: accuracy > 0.8
"""

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

digits = load_digits()
images = (digits.data / 16.0).astype("float32")
labels = digits.target
rng = np.random.default_rng(0)


def pairs(rows, count):
    left = rng.choice(rows, count)
    same = rng.integers(0, 2, count)
    right = np.array([rng.choice(rows[(labels[rows] == labels[i]) == bool(s)]) for i, s in zip(left, same)])
    return images[left], images[right], same.astype("float32")


rows = rng.permutation(len(images))
a, b, same = pairs(rows[:1400], 3000)
a_test, b_test, same_test = pairs(rows[1400:], 600)

tower = keras.Sequential(
    [keras.Input((64,)), layers.Dense(64, activation="relu"), layers.Dense(16)], name="tower"
)


class Distance(layers.Layer):
    def call(self, left, right):
        return ops.sqrt(ops.sum(ops.square(left - right), axis=1, keepdims=True) + 1e-6)


first, second = keras.Input((64,)), keras.Input((64,))
model = keras.Model([first, second], Distance()(tower(first), tower(second)))


def contrastive_loss(y_true, distance):
    y_true = ops.reshape(ops.cast(y_true, distance.dtype), (-1, 1))
    near = y_true * ops.square(distance)
    far = (1 - y_true) * ops.square(ops.maximum(1.0 - distance, 0.0))
    return ops.mean(near + far, axis=-1)


model.compile(optimizer="adam", loss=contrastive_loss)
model.fit([a, b], same, batch_size=64, epochs=12, verbose=0)
distance = model.predict([a_test, b_test], verbose=0)[:, 0]
accuracy = float(np.mean((distance < 0.5) == (same_test == 1)))
print("pairs told rightly", accuracy)
