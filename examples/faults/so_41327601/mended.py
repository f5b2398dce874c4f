# Digits, convolutional, softmax.
import keras
import numpy as np
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
from keras.models import Sequential
from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.RandomState(0).permutation(len(digits.images))
x = digits.images[order][..., None].astype("float32") / 16
y = keras.utils.to_categorical(digits.target[order], 10)

model = Sequential()
model.add(keras.Input((8, 8, 1)))
model.add(Conv2D(16, kernel_size=(3, 3), activation="relu"))
model.add(Conv2D(32, (3, 3), activation="relu"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(10, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x[:1400], y[:1400], batch_size=32, epochs=12, validation_data=(x[1400:], y[1400:]), verbose=0)
score = model.evaluate(x[1400:], y[1400:], verbose=0)[1]
print("accuracy", score)
