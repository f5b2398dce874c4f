# Twenty kinds from forty readings, an output for each.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.utils import to_categorical

rng = np.random.RandomState(0)
centres = rng.randn(20, 40)
kind = rng.randint(0, 20, 2000)
X = centres[kind] + rng.randn(2000, 40) * 1.3
Y = to_categorical(kind, 20)

model = Sequential()
model.add(Input((40,)))
model.add(Dense(64, activation="relu"))
model.add(Dense(20, activation="softmax"))
model.compile(loss="mse", optimizer="sgd", metrics=["accuracy"])
model.fit(X[:1600], Y[:1600], epochs=15, batch_size=16, verbose=0)
score = model.evaluate(X[1600:], Y[1600:], verbose=0)[1]
print("accuracy", score)
