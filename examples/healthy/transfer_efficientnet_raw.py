"""EfficientNetB0 takes 0..255 as it is: it scales inside.

Trap for: backbone-raw-pixels, pixels-unscaled, backbone-preprocess-mismatch
Learns: accuracy > 0.7
Needs: weights of EfficientNetB0
"""

import keras
import numpy as np
from keras import layers
from keras.applications import EfficientNetB0

rng = np.random.default_rng(5)
yy, xx = np.mgrid[:64, :64]
y = rng.integers(0, 3, 72)
x = np.empty((72, 64, 64, 3), dtype="uint8")
for i, k in enumerate(y):
    cx, cy, r = rng.uniform(22, 42), rng.uniform(22, 42), rng.uniform(10, 18)
    d = np.hypot(xx - cx, yy - cy)
    shape = [d < r, (d < r) & (d > r * 0.6), abs(xx - cx) < r * 0.3][k]
    x[i] = rng.uniform(0, 110, 3)
    x[i][shape] = rng.uniform(140, 255, 3)

base = EfficientNetB0(include_top=False, weights="imagenet", input_shape=(64, 64, 3), pooling="avg")
base.trainable = False
model = keras.Sequential(
    [keras.Input((64, 64, 3)), layers.RandomRotation(0.05), base, layers.Dense(3, activation="softmax")]
)
model.compile(
    optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(x[:54], y[:54], batch_size=9, epochs=4, validation_data=(x[54:], y[54:]), verbose=0)
accuracy = model.evaluate(x[54:], y[54:], verbose=0)[1]
print("accuracy", accuracy)
