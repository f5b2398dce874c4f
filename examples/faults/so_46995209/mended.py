# Fit a sine over many periods.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential

np.random.seed(1)
x = np.random.uniform(0, 100, size=(1000, 1))
y = np.sin(x / 8)
x = (x - 50) / 50

model = Sequential()
model.add(Input((1,)))
for _ in range(3):
    model.add(Dense(64, activation="relu"))
model.add(Dense(1))
model.compile(loss="mean_squared_error", optimizer="adam")
model.fit(x[:800], y[:800], batch_size=32, epochs=60, verbose=0)
score = model.evaluate(x[800:], y[800:], verbose=0) / y[800:].var()
print("share of the variance that is left", score)
