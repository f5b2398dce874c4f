"""VGG16, frozen, with its own preprocess_input inside the model and augmentation before it.

Trap for: backbone-preprocess-mismatch, backbone-raw-pixels, channel-order-bgr, frozen-base-recomputed
Learns: accuracy > 0.7
Needs: weights of VGG16
"""

import keras
import numpy as np
from keras import layers
from keras.applications import vgg16

rng = np.random.default_rng(0)
yy, xx = np.mgrid[:64, :64]
labels = rng.integers(0, 2, 80)
images = np.empty((80, 64, 64, 3), dtype="float32")
for i, label in enumerate(labels):
    cx, cy, r = rng.uniform(20, 44), rng.uniform(20, 44), rng.uniform(9, 16)
    shape = ((xx - cx) ** 2 + (yy - cy) ** 2 < r**2) if label else (abs(xx - cx) < r) & (abs(yy - cy) < r)
    images[i] = rng.uniform(20, 120, 3)
    images[i][shape] = rng.uniform(130, 255, 3)

base = vgg16.VGG16(weights="imagenet", include_top=False, input_shape=(64, 64, 3))
for layer in base.layers:
    layer.trainable = False

inputs = keras.Input((64, 64, 3))
x = layers.RandomFlip()(inputs)
x = vgg16.preprocess_input(x)
x = base(x)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dense(32, activation="relu")(x)
outputs = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(
    images[:60], labels[:60], epochs=4, batch_size=10, validation_data=(images[60:], labels[60:]), verbose=0
)
accuracy = model.evaluate(images[60:], labels[60:], verbose=0)[1]
print("accuracy", accuracy)
