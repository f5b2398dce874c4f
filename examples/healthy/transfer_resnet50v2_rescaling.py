"""ResNet50V2 wants [-1, 1]: Rescaling(1/127.5, offset=-1) is right here, and wrong for ResNet50.

Trap for: backbone-preprocess-mismatch, backbone-double-rescale, half-range-scaling
Learns: accuracy > 0.7
Needs: weights of ResNet50V2
"""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
labels = rng.integers(0, 2, 64)
images = np.empty((64, 64, 64, 3), dtype="float32")
axis = np.arange(64)
for i, label in enumerate(labels):
    wave = np.sin(axis / rng.uniform(1.5, 3)) > 0
    stripes = np.tile(wave, (64, 1))
    stripes = stripes.T if label else stripes
    images[i] = np.where(stripes[..., None], rng.uniform(150, 255, 3), rng.uniform(0, 100, 3))

base = keras.applications.ResNet50V2(
    weights="imagenet", include_top=False, pooling="avg", input_shape=(64, 64, 3)
)
base.trainable = False
model = keras.Sequential(
    [
        keras.Input((64, 64, 3)),
        layers.RandomContrast(0.1),
        layers.Rescaling(scale=1 / 127.5, offset=-1),
        base,
        layers.Dropout(0.3),
        layers.Dense(2, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(
    images[:48], labels[:48], epochs=4, batch_size=8, validation_data=(images[48:], labels[48:]), verbose=0
)
accuracy = model.evaluate(images[48:], labels[48:], verbose=0)[1]
print("accuracy", accuracy)
