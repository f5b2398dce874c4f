"""A small convolutional net that gives raw scores, with the loss told so.

Trap for: logits-without-flag, double-softmax
Learns: test_acc > 0.93
"""

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

digits = load_digits()
images = digits.images[..., np.newaxis].astype("float32") / 16
labels = digits.target
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order], labels[order]
train_images, test_images = images[:1400], images[1400:]
train_labels, test_labels = labels[:1400], labels[1400:]

model = keras.models.Sequential()
model.add(keras.Input((8, 8, 1)))
model.add(layers.Conv2D(16, 3, activation="relu"))
model.add(layers.Conv2D(32, 3, activation="relu"))
model.add(layers.Flatten())
model.add(layers.Dense(64, activation="relu"))
model.add(layers.Dense(10))

model.compile(
    optimizer="adam",
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
history = model.fit(
    train_images, train_labels, epochs=12, validation_data=(test_images, test_labels), verbose=0
)
test_loss, test_acc = model.evaluate(test_images, test_labels, verbose=2)

# Probabilities for use: the softmax goes on afterwards.
probability_model = keras.Sequential([model, layers.Softmax()])
print(probability_model.predict(test_images[:3], verbose=0).argmax(axis=1), test_labels[:3])
