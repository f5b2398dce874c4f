# Handwritten digits, fully connected.
import numpy as np
from keras.initializers import RandomNormal
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.optimizers import SGD
from keras.utils import to_categorical
from sklearn.datasets import load_digits

X, y = load_digits(return_X_y=True)
order = np.random.RandomState(0).permutation(len(X))
X, y = X[order] / 16.0, to_categorical(y[order], 10)
X_train, Y_train, X_test, Y_test = X[:1400], y[:1400], X[1400:], y[1400:]

model = Sequential()
model.add(Input(shape=(64,)))
model.add(Dense(30, kernel_initializer=RandomNormal(stddev=1.0), bias_initializer=RandomNormal(stddev=1.0)))
model.add(Dense(10, kernel_initializer=RandomNormal(stddev=1.0), bias_initializer=RandomNormal(stddev=1.0)))
model.compile(optimizer=SGD(learning_rate=3.0), loss="mean_squared_error", metrics=["accuracy"])
model.fit(X_train, Y_train, epochs=10, batch_size=10, validation_data=(X_test, Y_test), verbose=0)

score = model.evaluate(X_test, Y_test, verbose=0)[1]
print("test accuracy", score)
