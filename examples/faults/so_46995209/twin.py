# Fit a sine with a few tanh layers: the input is scaled and the layers are wide enough.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.optimizers import Adam

np.random.seed(1)
x = np.random.uniform(-1, 1, size=(1000, 1))
y = np.sin(5 * x)

model = Sequential()
model.add(Input((1,)))
for _ in range(3):
    model.add(Dense(24, activation="tanh"))
model.add(Dense(1, activation="tanh"))
model.compile(loss="mean_squared_error", optimizer=Adam(0.003))
model.fit(x[:800], y[:800], batch_size=32, epochs=40, verbose=0)
score = model.evaluate(x[800:], y[800:], verbose=0) / y[800:].var()
print("share of the variance that is left", score)
