# Digits; a softmax in the layer and one after it.
import numpy as np
from keras import layers, models
from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.RandomState(0).permutation(len(digits.data))
x, y = digits.data[order] / 16.0, digits.target[order]

model = models.Sequential()
model.add(layers.Input((64,)))
model.add(layers.Dense(64, activation="relu"))
model.add(layers.Dense(10, activation="softmax"))
model.add(layers.Softmax())
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:1400], y[:1400], epochs=10, batch_size=32, verbose=0)
probability = model.predict(x[1400:], verbose=0)
score = -np.log(probability[np.arange(len(probability)), y[1400:]] + 1e-9).mean()
print("log loss", score, "mean of the highest probability", probability.max(axis=1).mean())
