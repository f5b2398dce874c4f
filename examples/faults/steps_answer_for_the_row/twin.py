# After each step: is the sum so far above zero?
import numpy as np
from keras.layers import LSTM, Dense, Input
from keras.models import Sequential

np.random.seed(0)
X = np.random.randn(1000, 15, 4).astype("float32")
y = (X[:, :, 0].cumsum(axis=1) > 0).astype("float32")

model = Sequential()
model.add(Input(shape=(15, 4)))
model.add(LSTM(16, return_sequences=True))
model.add(Dense(8, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X[:800], y[:800], epochs=15, batch_size=32, verbose=0)
answers = model.predict(X[800:], verbose=0).reshape(200, -1) > 0.5
print("steps answered rightly", (answers == (y[800:] > 0.5)).mean())
