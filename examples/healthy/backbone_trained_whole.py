"""MobileNetV2 without weights, small, trained whole on enough pictures: nothing is frozen.

Trap for: random-backbone-frozen, backbone-unfrozen-high-rate, bn-batch-stats-finetune, bn-moving-stats-unsettled
Learns: accuracy > 0.8
"""

import keras
import numpy as np

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)
n = 1000
yy, xx = np.mgrid[:32, :32]
labels = rng.integers(0, 3, n)
images = np.empty((n, 32, 32, 3), dtype="float32")
for i, k in enumerate(labels):
    cx, cy, r = rng.uniform(10, 22), rng.uniform(10, 22), rng.uniform(5, 9)
    shape = [np.hypot(xx - cx, yy - cy) < r, abs(xx - cx) < 2, abs(yy - cy) < 2][k]
    images[i] = rng.uniform(0.0, 0.4, 3)
    images[i][shape] = rng.uniform(0.6, 1.0, 3)
images = images * 2 - 1

model = keras.applications.MobileNetV2(
    input_shape=(32, 32, 3), alpha=0.35, weights=None, classes=3, include_top=True
)
for layer in model.layers:
    if isinstance(layer, keras.layers.BatchNormalization):
        layer.momentum = 0.9
model.compile(
    optimizer=keras.optimizers.Adam(2e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(
    images[:800],
    labels[:800],
    batch_size=32,
    epochs=8,
    validation_data=(images[800:], labels[800:]),
    verbose=0,
)
accuracy = model.evaluate(images[800:], labels[800:], verbose=0)[1]
print("accuracy", accuracy)
