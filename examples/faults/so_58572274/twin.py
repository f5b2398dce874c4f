# How often something happens, from eight measurements: the output is a count.
import numpy as np
from keras import Input, Model, layers, utils

utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(1000, 8)).astype("float32")
rate = np.exp(0.5 * x[:, 0] - 0.3 * x[:, 1] + 1.0)
y = rng.poisson(rate).astype("float32")

inputs = Input(shape=(8,))
h = layers.Dense(32, activation="relu")(inputs)
h = layers.Dense(16, activation="relu")(h)
outputs = layers.Dense(1, activation="relu", bias_initializer="ones")(h)
model = Model(inputs, outputs)
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
model.fit(x[:800], y[:800], epochs=20, batch_size=32, verbose=0)
score = float(np.mean((model.predict(x[800:], verbose=0)[:, 0] - rate[800:]) ** 2) / rate[800:].var())
print("share of the rate's variance that is left", score)
