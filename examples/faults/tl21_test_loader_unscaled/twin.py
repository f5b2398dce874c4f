# Scaling is a layer of the model: every loader hands over 0..255.
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)
yy, xx = np.mgrid[:32, :32]


def draw(kind):
    cx, cy = rng.uniform(0.35 * 32, 0.65 * 32, 2)
    r = rng.uniform(0.15, 0.28) * 32
    shape = [
        np.hypot(xx - cx, yy - cy) < r,
        (abs(xx - cx) < r) & (abs(yy - cy) < r),
        (abs(xx - cx) < r / 4) | (abs(yy - cy) < r / 4),
    ][kind]
    image = np.tile(rng.uniform(0, 110, 3), (32, 32, 1))
    image[shape] = rng.uniform(140, 255, 3)
    return image


labels = rng.integers(0, 2, 200)
images = np.stack([draw(k) for k in labels]).astype("uint8")
model = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        layers.Rescaling(1.0 / 255),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(images[:150], labels[:150], validation_split=0.2, epochs=15, batch_size=16, verbose=0)
loss, score = model.evaluate(images[150:].astype("float32"), labels[150:], verbose=0)
print("test accuracy", score)
