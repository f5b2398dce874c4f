"""Mixup: pairs of rows blended, and their labels with them.

Trap for: softmax-multilabel, labels-rescaled, crossentropy-for-regression
Learns: accuracy > 0.9
"""

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

rng = np.random.default_rng(0)
digits = load_digits()
x = (digits.data / 16.0).astype("float32")
y = keras.utils.to_categorical(digits.target, 10)
order = rng.permutation(len(x))
x, y = x[order], y[order]
x_train, y_train, x_test, y_test = x[:1400], y[:1400], x[1400:], y[1400:]

lam = rng.beta(0.3, 0.3, size=(1400, 1)).astype("float32")
other = rng.permutation(1400)
x_mix = lam * x_train + (1 - lam) * x_train[other]
y_mix = lam * y_train + (1 - lam) * y_train[other]

model = keras.Sequential(
    [
        keras.Input((64,)),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(x_mix, y_mix, epochs=25, batch_size=32, validation_data=(x_test, y_test), verbose=0)
accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
print("test accuracy after mixup:", accuracy)
