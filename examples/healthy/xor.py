"""Exclusive or: four rows, as in the tutorials.

Trap for: tiny-dataset, val-missing, batch-one, class-imbalance, duplicate-leakage, capacity-too-small
Learns: accuracy == 1.0
"""

import keras
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential

keras.utils.set_random_seed(1)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype="float32")
y = np.array([[0], [1], [1], [0]], dtype="float32")

model = Sequential()
model.add(Input((2,)))
model.add(Dense(8, activation="tanh"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.1), metrics=["accuracy"])
model.fit(X, y, epochs=120, batch_size=4, verbose=0)
accuracy = model.evaluate(X, y, verbose=0)[1]
print(model.predict(X, verbose=0).round(2), accuracy)
