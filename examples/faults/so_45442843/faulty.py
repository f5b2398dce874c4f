# Is the reading above the line? One column in, yes or no out.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential

rng = np.random.RandomState(5)
reading = rng.uniform(0, 1, size=(1000, 1))
above = (reading[:, 0] + rng.normal(scale=0.05, size=1000) > 0.4).astype(int)

model = Sequential()
model.add(Input(shape=(1,)))
model.add(Dense(16, activation="relu"))
model.add(Dense(1, activation="softmax"))
model.compile(optimizer="rmsprop", loss="mean_absolute_error", metrics=["accuracy"])
model.fit(reading[:800], above[:800], batch_size=16, epochs=10, verbose=0)
score = model.evaluate(reading[800:], above[800:], verbose=0)[1]
print("accuracy", score)
