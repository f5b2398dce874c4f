# A residual net from scratch, normalised over groups of channels: nothing has to settle.
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(4)
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


labels = rng.integers(0, 3, 300)
images = np.stack([draw(k) for k in labels]).astype("float32")
x = images / 127.5 - 1


def block(x, filters):
    y = layers.Conv2D(filters, 3, padding="same", strides=2)(x)
    y = layers.Activation("relu")(layers.GroupNormalization(4)(y))
    y = layers.Conv2D(filters, 3, padding="same")(y)
    y = layers.GroupNormalization(4)(y)
    return layers.Activation("relu")(layers.Add()([y, layers.Conv2D(filters, 1, strides=2)(x)]))


inputs = keras.Input((32, 32, 3))
h = block(block(inputs, 16), 32)
outputs = layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(h))
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(x[:240], labels[:240], batch_size=16, epochs=15, verbose=0)
score = model.evaluate(x[240:], labels[240:], verbose=0)[1]
print("accuracy", score)
