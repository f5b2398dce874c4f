# Digits; no activation on the last layer.
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.RandomState(0).permutation(len(digits.images))
x = (digits.images[order] / 16.0).astype("float32")
y = digits.target[order]

model = tf.keras.models.Sequential(
    [
        tf.keras.layers.Input(shape=(8, 8)),
        tf.keras.layers.Flatten(),
        tf.keras.layers.Dense(64, activation="relu"),
        tf.keras.layers.Dense(10),
    ]
)
loss_fn = tf.keras.losses.SparseCategoricalCrossentropy()
model.compile(optimizer="adam", loss=loss_fn, metrics=["accuracy"])
model.fit(x[:1400], y[:1400], epochs=15, verbose=0)
score = model.evaluate(x[1400:], y[1400:], verbose=0)[1]
print("accuracy", score)
