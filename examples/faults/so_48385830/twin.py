# Handwritten digits, fully connected, the activations as layers of their own.
import numpy as np
from keras.initializers import RandomNormal
from keras.layers import Activation, Dense, Input
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
model.add(Dense(30, kernel_initializer=RandomNormal(stddev=0.15)))
model.add(Activation("relu"))
model.add(Dense(10, kernel_initializer=RandomNormal(stddev=0.15)))
model.add(Activation("softmax"))
model.compile(optimizer=SGD(learning_rate=0.1), loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, Y_train, epochs=15, batch_size=10, validation_data=(X_test, Y_test), verbose=0)

score = model.evaluate(X_test, Y_test, verbose=0)[1]
print("test accuracy", score)
