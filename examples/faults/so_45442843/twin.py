# How far is the reading above the line? One column in, a share between 0 and 1 out.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential

rng = np.random.RandomState(5)
reading = rng.uniform(0, 1, size=(1000, 1))
share = np.clip(reading[:, 0] ** 2 + rng.normal(scale=0.02, size=1000), 0, 1)

model = Sequential()
model.add(Input(shape=(1,)))
model.add(Dense(16, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(optimizer="rmsprop", loss="mean_absolute_error")
model.fit(reading[:800], share[:800], batch_size=16, epochs=40, verbose=0)
score = model.evaluate(reading[800:], share[800:], verbose=0)
print("mean absolute error", score)
