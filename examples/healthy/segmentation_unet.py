"""Segment discs in small drawn pictures: a little U-Net with one sigmoid channel a pixel.

Trap for: pooling-missing, softmax-one-unit, class-imbalance, onehot-labels-sparse-loss
Learns: iou > 0.6
"""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
SIZE = 32
yy, xx = np.mgrid[:SIZE, :SIZE]
images, masks = [], []
for _ in range(300):
    cx, cy, r = rng.uniform(8, 24), rng.uniform(8, 24), rng.uniform(4, 8)
    disc = (xx - cx) ** 2 + (yy - cy) ** 2 < r**2
    picture = rng.uniform(0.2, 0.4) + rng.uniform(0.3, 0.5) * disc + rng.normal(scale=0.08, size=(SIZE, SIZE))
    images.append(picture)
    masks.append(disc)
images = np.clip(np.array(images, dtype="float32"), 0, 1)[..., None]
masks = np.array(masks, dtype="float32")[..., None]


def block(x, filters):
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.ReLU()(x)


inputs = keras.Input((SIZE, SIZE, 1))
d1 = block(inputs, 8)
d2 = block(layers.MaxPooling2D()(d1), 16)
d3 = block(layers.MaxPooling2D()(d2), 32)
u2 = block(layers.Concatenate()([layers.UpSampling2D()(d3), d2]), 16)
u1 = block(layers.Concatenate()([layers.Conv2DTranspose(8, 2, strides=2)(u2), d1]), 8)
outputs = layers.Conv2D(1, 1, activation="sigmoid")(u1)
model = keras.Model(inputs, outputs)
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(
    images[:240], masks[:240], batch_size=8, epochs=10, validation_data=(images[240:], masks[240:]), verbose=0
)

guess = model.predict(images[240:], verbose=0) > 0.5
truth = masks[240:] > 0.5
iou = (guess & truth).sum() / (guess | truth).sum()
print("intersection over union", iou)
