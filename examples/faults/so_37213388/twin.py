# Digits, fully connected: few epochs on purpose, with small batches, which is enough here.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.utils import to_categorical
from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.RandomState(0).permutation(len(digits.data))
x, y = digits.data[order] / 16.0, to_categorical(digits.target[order])

model = Sequential()
model.add(Input((64,)))
model.add(Dense(100, activation="relu"))
model.add(Dense(200, activation="relu"))
model.add(Dense(10, activation="softmax"))
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:1400], y[:1400], batch_size=16, epochs=12, verbose=0)
score = model.evaluate(x[1400:], y[1400:], verbose=0)[1]
print("accuracy", score)
