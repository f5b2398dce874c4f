"""Digits with the softmax as a layer of its own, after a linear Dense.

Trap for: logits-without-flag, hidden-activation-missing, pixels-unscaled
Learns: accuracy > 0.93
"""

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

digits = load_digits()
x_train, x_test, y_train, y_test = train_test_split(digits.images / 16.0, digits.target, random_state=7)

model = keras.Sequential(
    [
        keras.Input(shape=(8, 8)),
        layers.Flatten(),
        layers.Dense(64),
        layers.Activation("relu"),
        layers.Dense(10),
        layers.Softmax(),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=30, validation_split=0.1, verbose=0)
_, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"test accuracy {accuracy:.3f}")
