# Forty readings, the same forty without noise as the answer: squared error is right.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential

rng = np.random.RandomState(0)
centres = rng.rand(20, 40)
kind = rng.randint(0, 20, 2000)
clean = centres[kind]
X = clean + rng.randn(2000, 40) * 0.3

model = Sequential()
model.add(Input((40,)))
model.add(Dense(64, activation="relu"))
model.add(Dense(40, activation="sigmoid"))
model.compile(loss="mse", optimizer="adam")
model.fit(X[:1600], clean[:1600], epochs=30, batch_size=16, verbose=0)
score = model.evaluate(X[1600:], clean[1600:], verbose=0) / clean.var()
print("share of the variance that is left", score)
