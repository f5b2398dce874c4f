# Learn a surface that never goes below zero.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential

np.random.seed(7)
a = np.random.uniform(-1, 1, size=(1000, 2))
b = np.maximum(0, 1.5 * a[:, 0] - 2.0 * a[:, 1] + 0.5)
train_x, test_x = a[:800], a[800:]
train_y, test_y = b[:800], b[800:]

model = Sequential()
model.add(Input((2,)))
model.add(Dense(20, activation="relu"))
model.add(Dense(1, activation="relu", bias_initializer="ones"))
model.compile(loss="mean_squared_error", optimizer="adam")
model.fit(train_x, train_y, epochs=40, batch_size=16, verbose=0)
score = model.evaluate(test_x, test_y, verbose=0)
print("mean squared error", score, "variance", test_y.var())
