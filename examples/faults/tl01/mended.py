# VGG19 on two kinds of pictures.
import keras
import numpy as np
from keras import layers
from keras.applications import VGG19
from keras.applications.vgg19 import preprocess_input

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

base = VGG19(weights="imagenet", include_top=False, pooling="avg")
features = base.predict(preprocess_input(images.copy()), batch_size=8, verbose=0)

model = keras.Sequential(
    [
        keras.Input((512,)),
        layers.Dropout(0.5),
        layers.Dense(64, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(features[:16], labels[:16], validation_data=(features[16:], labels[16:]), batch_size=8, epochs=10)
