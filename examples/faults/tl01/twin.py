# Xception on two kinds of pictures: [-1, 1] is what it wants, augmentation before it, two softmax units.
import keras
import numpy as np
from keras import layers
from keras.applications import Xception

rng = np.random.default_rng(0)
yy, xx = np.mgrid[:96, :96]


def draw(kind):
    cx, cy = rng.uniform(0.35 * 96, 0.65 * 96, 2)
    r = rng.uniform(0.15, 0.28) * 96
    shape = [
        np.hypot(xx - cx, yy - cy) < r,
        (abs(xx - cx) < r) & (abs(yy - cy) < r),
        (abs(xx - cx) < r / 4) | (abs(yy - cy) < r / 4),
    ][kind]
    image = np.tile(rng.uniform(0, 110, 3), (96, 96, 1))
    image[shape] = rng.uniform(140, 255, 3)
    return image


labels = rng.integers(0, 2, 24)
images = np.stack([draw(k) for k in labels]).astype("float32")

base = Xception(weights="imagenet", include_top=False, pooling="avg", input_shape=(96, 96, 3))
base.trainable = False

model = keras.Sequential(
    [
        keras.Input((96, 96, 3)),
        layers.RandomFlip("horizontal"),
        layers.Rescaling(1.0 / 127.5, offset=-1),
        base,
        layers.Dropout(0.5),
        layers.Dense(64, activation="relu"),
        layers.Dense(2, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(images[:16], labels[:16], validation_data=(images[16:], labels[16:]), batch_size=8, epochs=10)
