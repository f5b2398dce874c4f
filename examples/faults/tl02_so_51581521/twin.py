# VGG16, frozen: one attention weight for each place of the map, by a softmax over the places.
import keras
import numpy as np
from keras import layers
from keras.applications.vgg16 import VGG16, preprocess_input

rng = np.random.default_rng(0)
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


labels = rng.integers(0, 2, 48)
images = np.stack([draw(k) for k in labels]).astype("float32")
images = preprocess_input(images)

conv = VGG16(weights="imagenet", include_top=False, input_shape=(64, 64, 3))
for layer in conv.layers:
    layer.trainable = False

inputs = keras.Input((64, 64, 3))
places = layers.Reshape((4, 512))(conv(layers.RandomFlip("horizontal")(inputs)))
weights = layers.Softmax(axis=1)(layers.Dense(1)(places))
pooled = layers.Flatten()(layers.Dot(axes=1)([weights, places]))
outputs = layers.Dense(1, activation="sigmoid")(layers.Dense(64, activation="relu")(pooled))
model = keras.Model(inputs, outputs)
model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["acc"])
model.fit(
    images[:36], labels[:36], batch_size=12, epochs=3, validation_data=(images[36:], labels[36:]), verbose=0
)
