"""An autoencoder without activations: three numbers for twenty columns, as in a principal component analysis.

Trap for: hidden-activation-missing, capacity-too-small
Learns: left < 0.05
"""

import keras
import numpy as np
from keras import layers

rng = np.random.RandomState(0)
hidden = rng.randn(1200, 3)
X = (hidden @ rng.randn(3, 20) + 0.05 * rng.randn(1200, 20)).astype("float32")
X = (X - X.mean(axis=0)) / X.std(axis=0)

model = keras.Sequential(
    [keras.Input((20,)), layers.Dense(3, use_bias=False), layers.Dense(20, use_bias=False)]
)
model.compile(keras.optimizers.Adam(5e-3), "mse")
model.fit(X[:1000], X[:1000], epochs=25, batch_size=32, validation_data=(X[1000:], X[1000:]), verbose=0)
left = model.evaluate(X[1000:], X[1000:], verbose=0)
