"""A variational autoencoder: sampling in a layer, its divergence added by add_loss.

Trap for: regularisation-too-strong, training-flag-hardcoded, hidden-activation-missing
Learns: reconstruction < 0.06
"""

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

x = (load_digits().data / 16.0).astype("float32")
np.random.default_rng(0).shuffle(x)


class Sampling(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed = keras.random.SeedGenerator(1)

    def call(self, inputs):
        mean, log_var = inputs
        kl = -0.5 * ops.mean(ops.sum(1 + log_var - ops.square(mean) - ops.exp(log_var), axis=1))
        self.add_loss(kl * 0.3 / 64)
        noise = keras.random.normal(ops.shape(mean), seed=self.seed)
        return mean + ops.exp(0.5 * log_var) * noise


inputs = keras.Input((64,))
h = layers.Dense(64, activation="relu")(inputs)
z_mean = layers.Dense(4, name="z_mean")(h)
z_log_var = layers.Dense(4, name="z_log_var")(h)
z = Sampling()([z_mean, z_log_var])
h = layers.Dense(64, activation="relu")(z)
outputs = layers.Dense(64, activation="sigmoid")(h)
vae = keras.Model(inputs, outputs)
vae.compile(optimizer=keras.optimizers.Adam(0.003), loss="binary_crossentropy")
vae.fit(x[:1500], x[:1500], epochs=40, batch_size=64, verbose=0)
reconstruction = float(np.mean((vae.predict(x[1500:], verbose=0) - x[1500:]) ** 2))
print("squared error of the reconstruction", reconstruction)
