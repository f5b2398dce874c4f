# A regression on three inputs with targets brought into [-1, 1], and tanh on the output.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential

np.random.seed(0)
inputs = np.random.uniform(-1, 1, size=(1200, 3))
outputs = 5 * inputs[:, 0] - 4 * inputs[:, 1] * inputs[:, 2]
outputs = outputs / 10

net = Sequential()
net.add(Input((3,)))
net.add(Dense(32, activation="relu"))
net.add(Dense(32, activation="relu"))
net.add(Dense(1, activation="tanh"))
net.compile(loss="mse", optimizer="adam")
net.fit(inputs[:1000], outputs[:1000], epochs=30, batch_size=20, verbose=0)
score = net.evaluate(inputs[1000:], outputs[1000:], verbose=0) / outputs[1000:].var()
print("share of the variance that is left", score)
