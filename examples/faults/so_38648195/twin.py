# Three kinds that exclude each other, from twenty features.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.utils import to_categorical

rng = np.random.RandomState(1)
X = rng.randn(1500, 20)
W = rng.randn(20, 3)
Y = to_categorical((X @ W + rng.randn(1500, 3)).argmax(axis=1), 3)

model = Sequential()
model.add(Input(shape=(20,)))
model.add(Dense(64, activation="relu"))
model.add(Dense(3, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X[:1200], Y[:1200], epochs=15, batch_size=32, verbose=0)
score = (model.predict(X[1200:], verbose=0).argmax(axis=1) == Y[1200:].argmax(axis=1)).mean()
print("right", score)
