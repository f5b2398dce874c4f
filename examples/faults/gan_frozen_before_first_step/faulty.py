# A GAN on points in the plane; the discriminator is compiled, then frozen inside the combined model.
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
noise_size, batch = 4, 64


def real(n):
    return (rng.normal(size=(n, 2)) * 0.5 + [1.5, -1.0]).astype("float32")


def noise(n):
    return rng.normal(size=(n, noise_size)).astype("float32")


generator = keras.Sequential(
    [keras.Input((noise_size,)), layers.Dense(16, activation="relu"), layers.Dense(2)]
)
discriminator = keras.Sequential(
    [keras.Input((2,)), layers.Dense(16), layers.LeakyReLU(), layers.Dense(1, activation="sigmoid")]
)
discriminator.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.002, 0.5))

discriminator.trainable = False
z = keras.Input((noise_size,))
gan = keras.Model(z, discriminator(generator(z)))
gan.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.002, 0.5))

truth = np.concatenate([np.ones((batch, 1)), np.zeros((batch, 1))])
for step in range(300):
    fake = generator.predict_on_batch(noise(batch))
    discriminator.train_on_batch(np.concatenate([real(batch), fake]), truth)
    gan.train_on_batch(noise(batch), np.ones((batch, 1)))

made = generator.predict(noise(500), verbose=0)
print("distance of the means", np.linalg.norm(made.mean(axis=0) - [1.5, -1.0]))
