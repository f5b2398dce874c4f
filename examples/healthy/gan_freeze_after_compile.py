"""A GAN: the discriminator is compiled, frozen inside the combined model, and freed for its own steps.

Trap for: trainable-after-compile, nothing-trainable, one-class-only
Learns: distance < 0.8
"""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
latent, batch = 4, 64


def real_points(n):
    return (rng.normal(size=(n, 2)) * 0.5 + [1.5, -1.0]).astype("float32")


generator = keras.Sequential([keras.Input((latent,)), layers.Dense(16, activation="relu"), layers.Dense(2)])
discriminator = keras.Sequential(
    [
        keras.Input((2,)),
        layers.Dense(16),
        layers.LeakyReLU(),
        layers.Dense(1, activation="sigmoid"),
    ]
)
discriminator.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.002, 0.5))

discriminator.trainable = False
z = keras.Input((latent,))
gan = keras.Model(z, discriminator(generator(z)))
gan.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.002, 0.5))

for step in range(300):
    noise = rng.normal(size=(batch, latent)).astype("float32")
    fake = np.asarray(generator.predict_on_batch(noise))
    discriminator.trainable = True
    d_loss = discriminator.train_on_batch(
        np.concatenate([real_points(batch), fake]),
        np.concatenate([np.ones((batch, 1)), np.zeros((batch, 1))]),
    )
    discriminator.trainable = False
    g_loss = gan.train_on_batch(rng.normal(size=(batch, latent)).astype("float32"), np.ones((batch, 1)))
    if step % 100 == 0:
        print(step, d_loss, g_loss)

made = generator.predict(rng.normal(size=(500, latent)).astype("float32"), verbose=0)
distance = float(np.linalg.norm(made.mean(axis=0) - [1.5, -1.0]))
print("distance of the means", distance)
