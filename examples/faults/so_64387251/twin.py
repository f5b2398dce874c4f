# Digits; layers are frozen only after they have learned, and the model is compiled anew.
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(0)
digits = load_digits()
order = np.random.RandomState(0).permutation(len(digits.data))
x, y = digits.data[order] / 16.0, digits.target[order]

model = keras.Sequential()
model.add(keras.Input((64,)))
model.add(layers.Dense(24, activation="relu"))
model.add(layers.Dense(24, activation="relu"))
model.add(layers.Dense(10, activation="softmax"))
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:1400], y[:1400], epochs=20, batch_size=32, verbose=0)
for layer in model.layers[:-1]:
    layer.trainable = False
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:1400], y[:1400], epochs=5, batch_size=32, verbose=0)
score = model.evaluate(x[1400:], y[1400:], verbose=0)[1]
print("accuracy", score)
