# A small net from scratch on the same set, at a rate that suits it.
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(9)
yy, xx = np.mgrid[:48, :48]


def draw(kind):
    cx, cy = rng.uniform(0.35 * 48, 0.65 * 48, 2)
    r = rng.uniform(0.15, 0.28) * 48
    shape = [
        np.hypot(xx - cx, yy - cy) < r,
        (abs(xx - cx) < r) & (abs(yy - cy) < r),
        (abs(xx - cx) < r / 4) | (abs(yy - cy) < r / 4),
    ][kind]
    image = np.tile(rng.uniform(0, 110, 3), (48, 48, 1))
    image[shape] = rng.uniform(140, 255, 3)
    return image


labels = rng.integers(0, 3, 400)
images = np.stack([draw(k) for k in labels]).astype("float32")
images = images / 255

model = keras.Sequential(
    [
        keras.Input((48, 48, 3)),
        layers.RandomFlip("horizontal"),
        layers.Conv2D(16, 3, strides=2, activation="relu"),
        layers.Conv2D(32, 3, strides=2, activation="relu"),
        layers.Conv2D(32, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(3, activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(3e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(
    images[:320],
    labels[:320],
    batch_size=16,
    epochs=15,
    validation_data=(images[320:], labels[320:]),
    verbose=0,
)
score = model.evaluate(images[320:], labels[320:], verbose=0)[1]
print("held out", score)
