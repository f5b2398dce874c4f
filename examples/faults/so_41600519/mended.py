# Signal or background: thirty columns of a detector, some of them often missing.
import numpy as np
from keras.layers import Dense, Dropout, Input
from keras.models import Sequential

rng = np.random.RandomState(4)
n = 2000
values = rng.randn(n, 30)
signal = (values[:, 0] + values[:, 3] * values[:, 5] + 0.5 * values[:, 8] > 0.2).astype(int)
scale = np.array([1, 100, 10, 0.1, 50, 1] * 5)
table = values * scale + 3 * scale
missing = rng.rand(n, 30) < np.where(np.arange(30) % 4 == 1, 0.3, 0.0)
table[missing] = -999.0
known = np.where(table == -999.0, np.nan, table)
X = (known - np.nanmean(known[:1500], axis=0)) / np.nanstd(known[:1500], axis=0)
X = np.nan_to_num(X)

model = Sequential()
model.add(Input((30,)))
model.add(Dense(64, activation="relu"))
model.add(Dropout(0.2))
model.add(Dense(32, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X[:1500], signal[:1500], epochs=25, batch_size=32, verbose=0)
score = model.evaluate(X[1500:], signal[1500:], verbose=0)[1]
print("accuracy", score)
