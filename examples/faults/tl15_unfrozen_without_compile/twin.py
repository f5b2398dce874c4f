# VGG16's last block is freed before the only compile.
import keras
import numpy as np
from keras import layers
from keras.applications.vgg16 import VGG16, preprocess_input

rng = np.random.default_rng(3)
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


labels = rng.integers(0, 2, 40)
images = np.stack([draw(k) for k in labels]).astype("float32")
images = preprocess_input(images)

vgg = VGG16(weights="imagenet", include_top=False, input_shape=(48, 48, 3))
for layer in vgg.layers:
    layer.trainable = layer.name.startswith("block5")
model = keras.Sequential(
    [
        keras.Input((48, 48, 3)),
        layers.RandomFlip("horizontal"),
        vgg,
        layers.GlobalAveragePooling2D(),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer=keras.optimizers.RMSprop(1e-5), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(images, labels, batch_size=10, epochs=2, verbose=0)
