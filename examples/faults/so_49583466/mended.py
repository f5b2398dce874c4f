# House prices of a made-up town, by size and age.
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

rng = np.random.default_rng(2)
size = rng.uniform(400, 4000, 1000)
age = rng.uniform(0, 120, 1000)
price = (size * 0.05 - age * 0.4 + 40 + rng.normal(scale=4, size=1000)) / 100
X = np.column_stack([size, age])
mean, std = X[:800].mean(axis=0), X[:800].std(axis=0)
X = (X - mean) / std

model = keras.Sequential(
    [
        layers.Input(shape=(2,)),
        layers.Dense(16, activation="relu"),
        layers.Dense(16, activation="relu"),
        layers.Dense(1),
    ]
)
model.compile(optimizer="adam", loss="mse")
model.fit(X[:800], price[:800], epochs=30, batch_size=32, verbose=0)
score = model.evaluate(X[800:], price[800:], verbose=0) / price[800:].var()
print("share of the variance that is left", score)
