# Yes or no from eight measurements.
import numpy as np
from keras import Input, Model, layers, utils

utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(1000, 8)).astype("float32")
y = (x[:, 0] - x[:, 1] + 0.5 * x[:, 2] * x[:, 3] > 0).astype("float32")

inputs = Input(shape=(8,))
h = layers.Dense(32, activation="relu")(inputs)
h = layers.Dense(16, activation="relu")(h)
outputs = layers.Dense(1, activation="sigmoid")(h)
model = Model(inputs, outputs)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x[:800], y[:800], epochs=20, batch_size=32, verbose=0)
score, accuracy = model.evaluate(x[800:], y[800:], verbose=0)
print("log loss", score, "accuracy", accuracy)
