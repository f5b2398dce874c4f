# Squares again: the wide column goes through a Normalization layer, the target is scaled.
import keras
import numpy as np
from keras.layers import Dense, Input, Normalization
from keras.models import Sequential

np.random.seed(0)
x = np.arange(-100, 100.5, 0.5)
y = x**2 / 10000.0
order = np.random.permutation(len(x))
x, y = x[order].reshape(-1, 1), y[order].reshape(-1, 1)

scale = Normalization(axis=-1)
scale.adapt(x[:320])

model = Sequential()
model.add(Input((1,)))
model.add(scale)
model.add(Dense(8, activation="tanh"))
model.add(Dense(8, activation="tanh"))
model.add(Dense(1))
model.compile(loss="mse", optimizer=keras.optimizers.Adam(0.005))
model.fit(x[:320], y[:320], epochs=80, batch_size=16, verbose=0)
score = model.evaluate(x[320:], y[320:], verbose=0) / y[320:].var()
print("share of the variance that is left", score)
