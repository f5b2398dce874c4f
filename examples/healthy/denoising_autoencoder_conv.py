"""A convolutional autoencoder that takes noise out of small pictures; mean squared error, sigmoid output.

Trap for: mse-for-classes, bounded-output-wide-target, units-not-classes
Learns: after < 0.6 * before
"""

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

clean = load_digits().images[..., None].astype("float32") / 16.0
rng = np.random.default_rng(2)
noisy = np.clip(clean + rng.normal(scale=0.3, size=clean.shape), 0, 1).astype("float32")

autoencoder = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, 3, activation="relu", padding="same"),
        layers.MaxPooling2D(2),
        layers.Conv2D(16, 3, activation="relu", padding="same"),
        layers.UpSampling2D(2),
        layers.Conv2D(16, 3, activation="relu", padding="same"),
        layers.Conv2D(1, 3, activation="sigmoid", padding="same"),
    ]
)
autoencoder.compile(optimizer="adam", loss="mse")
autoencoder.fit(noisy[:1500], clean[:1500], epochs=15, batch_size=32, verbose=0)
before = float(np.mean((noisy[1500:] - clean[1500:]) ** 2))
after = float(np.mean((autoencoder.predict(noisy[1500:], verbose=0) - clean[1500:]) ** 2))
print("error before", before, "after", after)
