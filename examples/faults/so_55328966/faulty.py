# Digits from rows of a table, dense layers with L2.
import numpy as np
from keras import regularizers
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.utils import to_categorical
from sklearn.datasets import load_digits

table = load_digits()
rows = np.random.RandomState(3).permutation(len(table.data))
pixels = (table.data[rows] * 255 / 16).astype("float32")  # as in the CSV file: 0..255
labels = to_categorical(table.target[rows])
x_train, x_val = pixels[:1400], pixels[1400:]
y_train, y_val = labels[:1400], labels[1400:]

model = Sequential()
model.add(Input(shape=(64,)))
model.add(Dense(64, activation="relu", kernel_regularizer=regularizers.l2(0.001)))
model.add(Dense(32, activation="relu", kernel_regularizer=regularizers.l2(0.001)))
model.add(Dense(10, activation="sigmoid"))
model.compile(optimizer="sgd", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=10, batch_size=32, validation_data=(x_val, y_val), verbose=0)
score = model.evaluate(x_val, y_val, verbose=0)[1]
print("accuracy", score)
