# VGG16 has no batch normalisation: its last block is free at a low rate, after the head has been trained.
import keras
import numpy as np
from keras import layers
from keras.applications.vgg16 import VGG16, preprocess_input

rng = np.random.default_rng(6)
yy, xx = np.mgrid[:64, :64]


def draw(kind):
    cx, cy = rng.uniform(0.35 * 64, 0.65 * 64, 2)
    r = rng.uniform(0.15, 0.28) * 64
    shape = [
        np.hypot(xx - cx, yy - cy) < r,
        (abs(xx - cx) < r) & (abs(yy - cy) < r),
        (abs(xx - cx) < r / 4) | (abs(yy - cy) < r / 4),
    ][kind]
    image = np.tile(rng.uniform(0, 110, 3), (64, 64, 1))
    image[shape] = rng.uniform(140, 255, 3)
    return image


labels = rng.integers(0, 2, 60)
images = np.stack([draw(k) for k in labels]).astype("float32")
images = preprocess_input(images)

base = VGG16(weights="imagenet", include_top=False, pooling="avg", input_shape=(64, 64, 3))
base.trainable = False
inputs = keras.Input((64, 64, 3))
x = layers.RandomFlip("horizontal")(inputs)
outputs = layers.Dense(1, activation="sigmoid")(base(x))
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(
    images[:45], labels[:45], batch_size=15, epochs=4, validation_data=(images[45:], labels[45:]), verbose=0
)

base.trainable = True
for layer in base.layers[:-4]:
    layer.trainable = False
model.compile(optimizer=keras.optimizers.Adam(1e-5), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(
    images[:45], labels[:45], batch_size=15, epochs=2, validation_data=(images[45:], labels[45:]), verbose=0
)
