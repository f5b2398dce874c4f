# Which strokes a digit has: several may, so sigmoid units and binary cross-entropy.
import keras
import numpy as np
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D
from keras.models import Sequential
from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.RandomState(0).permutation(len(digits.images))
x = digits.images[order][..., None].astype("float32") / 16
kind = digits.target[order]
strokes = np.zeros((len(x), 4), dtype="float32")
for column, members in enumerate([(0, 6, 8, 9), (1, 4, 7), (2, 3, 5), (5, 7, 4)]):
    strokes[:, column] = np.isin(kind, members)

model = Sequential()
model.add(keras.Input((8, 8, 1)))
model.add(Conv2D(16, kernel_size=(3, 3), activation="relu"))
model.add(Conv2D(32, (3, 3), activation="relu"))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(4, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["binary_accuracy"])
model.fit(x[:1400], strokes[:1400], batch_size=32, epochs=12, verbose=0)
score = model.evaluate(x[1400:], strokes[1400:], verbose=0)[1]
print("accuracy", score)
