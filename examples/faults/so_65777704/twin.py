# Rows of digits read by a GRU, whose gates are sigmoids.
import numpy as np
from keras.layers import GRU, Dense, Input
from keras.models import Sequential
from keras.utils import to_categorical
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

data = load_digits()
x_train, x_test, y_train, y_test = train_test_split(
    data.images / 16.0, to_categorical(data.target), test_size=0.2, random_state=0
)

model = Sequential()
model.add(Input((8, 8)))
model.add(GRU(32, return_sequences=True))
model.add(GRU(32))
model.add(Dense(10, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=20, batch_size=32, verbose=0)
score = model.evaluate(x_test, y_test, verbose=0)[1]
print("accuracy", score)
