# VGG19 on two kinds of pictures.
import keras
import numpy as np
from keras import layers
from keras.applications import VGG19

rng = np.random.default_rng(0)
yy, xx = np.mgrid[:224, :224]


def draw(kind):
    cx, cy = rng.uniform(0.35 * 224, 0.65 * 224, 2)
    r = rng.uniform(0.15, 0.28) * 224
    shape = [
        np.hypot(xx - cx, yy - cy) < r,
        (abs(xx - cx) < r) & (abs(yy - cy) < r),
        (abs(xx - cx) < r / 4) | (abs(yy - cy) < r / 4),
    ][kind]
    image = np.tile(rng.uniform(0, 110, 3), (224, 224, 1))
    image[shape] = rng.uniform(140, 255, 3)
    return image


labels = rng.integers(0, 2, 24)
images = np.stack([draw(k) for k in labels]).astype("float32")

base = VGG19(weights="imagenet", include_top=True)
base.trainable = False

model = keras.Sequential(
    [
        keras.Input((224, 224, 3)),
        layers.Rescaling(1.0 / 127.5, offset=-1),
        base,
        layers.Dense(256, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(64, activation="relu"),
        layers.Dense(1, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(
    images[:16], labels[:16], validation_data=(images[16:], labels[16:]), batch_size=8, epochs=10, workers=4
)
