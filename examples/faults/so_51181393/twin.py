# A straight line whose start is close already: the default rate gets there.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.optimizers import RMSprop

rng = np.random.RandomState(0)
x = rng.uniform(-1, 1, size=(2000, 1))
y = 0.9 * x + 0.1 + rng.normal(scale=0.05, size=x.shape)

model = Sequential()
model.add(Input(shape=(1,)))
model.add(Dense(1, kernel_initializer="ones"))
model.compile(optimizer=RMSprop(), loss="mse", metrics=["mae"])
model.fit(x[:1600], y[:1600], batch_size=16, epochs=20, verbose=0)
score = model.evaluate(x[1600:], y[1600:], verbose=0)[0] / y[1600:].var()
print("share of the variance that is left", score)
