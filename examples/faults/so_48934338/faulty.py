# Fit a noisy parabola.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.optimizers import SGD

rng = np.random.RandomState(0)
x = np.linspace(-5, 5, 600).reshape(-1, 1)
y = x**2 + rng.normal(scale=1.0, size=x.shape)
order = rng.permutation(600)
x, y = x[order], y[order]

model = Sequential()
model.add(Input((1,)))
model.add(Dense(50, activation="relu"))
model.add(Dense(50, activation="relu"))
model.add(Dense(1))
model.compile(optimizer=SGD(learning_rate=0.1), loss="mse")
model.fit(x[:500], y[:500], batch_size=20, epochs=20, verbose=0)
score = model.evaluate(x[500:], y[500:], verbose=0)
print("mean squared error", score, "variance", y[500:].var())
