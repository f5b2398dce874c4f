"""Features extracted once by a frozen MobileNetV2, then a small head trained on them.

Trap for: frozen-base-recomputed, backbone-preprocess-mismatch, preprocess-in-place-twice
Learns: accuracy > 0.8
Needs: weights of MobileNetV2
"""

import numpy as np
from keras.applications.mobilenet_v2 import MobileNetV2, preprocess_input
from keras.layers import Dense, Dropout, Input
from keras.models import Sequential

rng = np.random.default_rng(1)
yy, xx = np.mgrid[:112, :112]


def blob(kind):
    image = np.tile(rng.uniform(60, 200, 3), (112, 112, 1))
    for _ in range(3):
        cx, cy = rng.uniform(20, 92, 2)
        if kind:
            mask = (xx - cx) ** 2 + (yy - cy) ** 2 < 150
        else:
            mask = (abs(xx - cx) < 4) | (abs(yy - cy) < 4)
        image[mask] = rng.uniform(0, 255, 3)
    return image


y = rng.integers(0, 2, 120)
x = np.stack([blob(k) for k in y]).astype("float32")

extractor = MobileNetV2(
    weights="imagenet", include_top=False, pooling="avg", alpha=0.35, input_shape=(112, 112, 3)
)
features = extractor.predict(preprocess_input(x.copy()), batch_size=32, verbose=0)

head = Sequential([Input((features.shape[1],)), Dropout(0.3), Dense(1, activation="sigmoid")])
head.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
head.fit(features[:90], y[:90], validation_data=(features[90:], y[90:]), epochs=30, batch_size=16, verbose=0)
accuracy = head.evaluate(features[90:], y[90:], verbose=0)[1]
print("accuracy", accuracy)
