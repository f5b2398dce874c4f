"""Batches from a PyDataset that reads and scales rows by index.

Trap for: fit-removed-arguments, no-shuffle-training, steps-as-samples, python-generator-slow
Learns: accuracy > 0.9
"""

import math

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits


class Digits(keras.utils.PyDataset):
    def __init__(self, images, labels, batch_size, shuffle=False, **kwargs):
        super().__init__(**kwargs)
        self.images, self.labels, self.batch_size = images, labels, batch_size
        self.shuffle = shuffle
        self.rng = np.random.default_rng(0)
        self.order = np.arange(len(images))
        self.on_epoch_end()

    def __len__(self):
        return math.ceil(len(self.images) / self.batch_size)

    def __getitem__(self, index):
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return self.images[rows].astype("float32") / 16.0, self.labels[rows]

    def on_epoch_end(self):
        if self.shuffle:
            self.rng.shuffle(self.order)


digits = load_digits()
order = np.random.default_rng(1).permutation(len(digits.images))
images, labels = digits.images[order][..., None], digits.target[order]
train = Digits(images[:1400], labels[:1400], 32, shuffle=True, workers=1)
test = Digits(images[1400:], labels[1400:], 32)

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.Conv2D(32, 3, activation="relu"),
        layers.GlobalMaxPooling2D(),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(train, validation_data=test, epochs=15, verbose=0)
accuracy = model.evaluate(test, verbose=0)[1]
print("accuracy", accuracy)
