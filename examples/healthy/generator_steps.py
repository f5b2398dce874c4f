"""A plain Python generator without end, with steps_per_epoch counted in batches.

Trap for: steps-as-samples, dataset-exhausted, augment-validation
Learns: accuracy > 0.9
"""

import math

import numpy as np
from keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D
from keras.models import Sequential
from keras.utils import to_categorical
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

digits = load_digits()
x_train, x_test, y_train, y_test = train_test_split(
    digits.images[..., None] / 16.0, digits.target, random_state=0
)
y_train, y_test = to_categorical(y_train, 10), to_categorical(y_test, 10)
batch_size = 32


def batches(x, y, augment):
    rng = np.random.default_rng(0)
    while True:
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            images = x[rows].astype("float32")
            if augment:
                images = images + rng.normal(scale=0.03, size=images.shape).astype("float32")
            yield images, y[rows]


model = Sequential(
    [
        Input((8, 8, 1)),
        Conv2D(16, 3, activation="relu", padding="same"),
        MaxPooling2D(),
        Conv2D(32, 3, activation="relu", padding="same"),
        Flatten(),
        Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(
    batches(x_train, y_train, augment=True),
    steps_per_epoch=math.ceil(len(x_train) / batch_size),
    validation_data=(x_test, y_test),
    epochs=12,
    verbose=0,
)
accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
print("accuracy", accuracy)
