# Squares of the numbers from -100 to 100.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential

np.random.seed(0)
x = np.arange(-100, 100.5, 0.5)
y = x**2
order = np.random.permutation(len(x))
x, y = x[order].reshape(-1, 1), y[order].reshape(-1, 1)

model = Sequential()
model.add(Input((1,)))
model.add(Dense(8, activation="sigmoid"))
model.add(Dense(8, activation="sigmoid"))
model.add(Dense(1))
model.compile(loss="mse", optimizer="adam")
model.fit(x[:320], y[:320], epochs=100, batch_size=16, verbose=0)
score = model.evaluate(x[320:], y[320:], verbose=0) / y[320:].var()
print("share of the variance that is left", score)
