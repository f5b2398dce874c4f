# A straight line with one linear unit.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.optimizers import RMSprop

rng = np.random.RandomState(0)
x = rng.uniform(-1, 1, size=(500, 1))
y = 3 * x + 2 + rng.normal(scale=0.05, size=x.shape)

model = Sequential()
model.add(Input(shape=(1,)))
model.add(Dense(1))
model.compile(optimizer=RMSprop(learning_rate=0.05), loss="mse", metrics=["mae"])
model.fit(x[:400], y[:400], batch_size=32, epochs=20, verbose=0)
score = model.evaluate(x[400:], y[400:], verbose=0)[0] / y[400:].var()
print("share of the variance that is left", score)
