"""Transfer learning in two phases: head first, then the upper layers at a low rate, compiled anew.

Trap for: unfreeze-without-recompile, finetune-rate-high, bn-batch-stats-finetune, half-range-scaling, trainable-wrong-object
Learns: accuracy > 0.8
Needs: weights of MobileNetV2
"""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)


def picture(kind):
    yy, xx = np.mgrid[:112, :112]
    cx, cy, r = rng.uniform(36, 76, 2).tolist() + [rng.uniform(14, 26)]
    if kind == 0:
        shape = (xx - cx) ** 2 + (yy - cy) ** 2 < r**2
    elif kind == 1:
        shape = (abs(xx - cx) < r) & (abs(yy - cy) < r)
    else:
        shape = (abs(xx - cx) + abs(yy - cy)) % 12 < 4
    image = np.ones((112, 112, 3)) * rng.uniform(30, 120, 3)
    image[shape] = rng.uniform(130, 250, 3)
    return np.clip(image + rng.normal(scale=8, size=image.shape), 0, 255)


labels = rng.integers(0, 3, 150)
images = np.stack([picture(k) for k in labels]).astype("float32")
x_train, y_train, x_val, y_val = images[:120], labels[:120], images[120:], labels[120:]

base_model = keras.applications.MobileNetV2(
    input_shape=(112, 112, 3), alpha=0.35, include_top=False, weights="imagenet"
)
base_model.trainable = False

inputs = keras.Input(shape=(112, 112, 3))
x = layers.RandomFlip("horizontal")(inputs)
x = layers.Rescaling(1.0 / 127.5, offset=-1)(x)
x = base_model(x, training=False)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dropout(0.2)(x)
outputs = layers.Dense(3, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(x_train, y_train, epochs=8, batch_size=16, validation_data=(x_val, y_val), verbose=0)

base_model.trainable = True
for layer in base_model.layers[:-30]:
    layer.trainable = False
for layer in base_model.layers:
    if isinstance(layer, layers.BatchNormalization):
        layer.trainable = False
model.compile(
    optimizer=keras.optimizers.Adam(1e-5), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(x_train, y_train, epochs=3, batch_size=16, validation_data=(x_val, y_val), verbose=0)
accuracy = model.evaluate(x_val, y_val, verbose=0)[1]
print("validation accuracy", accuracy)
