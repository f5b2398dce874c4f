"""Counts of rentals: never negative, so a ReLU on the output is right.

Trap for: relu-output-signed-target, bounded-output-wide-target, dead-relu
Learns: r2 > 0.7
"""

import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split

rng = np.random.default_rng(4)
n = 1500
temperature = rng.uniform(-1, 1, n)
hour = rng.uniform(0, 2 * np.pi, n)
weekend = rng.integers(0, 2, n)
rate = np.exp(1.0 + 0.8 * temperature + 0.7 * np.sin(hour) - 0.4 * weekend)
count = rng.poisson(rate)
X = np.column_stack([temperature, np.sin(hour), np.cos(hour), weekend])
X_train, X_test, y_train, y_test = train_test_split(X, count, test_size=0.25, random_state=0)

model = Sequential()
model.add(Input((4,)))
model.add(Dense(32, activation="relu"))
model.add(Dense(32, activation="relu"))
model.add(Dense(1, activation="relu", bias_initializer="ones"))
model.compile(loss="mse", optimizer="adam", metrics=["mae"])
model.fit(X_train, y_train, epochs=60, batch_size=32, validation_split=0.1, verbose=0)

expected = np.exp(1.0 + 0.8 * X_test[:, 0] + 0.7 * X_test[:, 1] - 0.4 * X_test[:, 3])
r2 = r2_score(expected, model.predict(X_test, verbose=0)[:, 0])
print("R2 against the true rate", r2)
