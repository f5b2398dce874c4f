# Ink and spread of digits: a regression, whose targets are scaled on purpose.
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.RandomState(0).permutation(len(digits.images))
images = (digits.images[order] * 255 / 16).reshape(-1, 8, 8, 1)
grey = images.mean(axis=(1, 2, 3))
x_train, y_train = images[:1400], grey[:1400]
x_test, y_test = images[1400:], grey[1400:]

x_train, y_train = x_train / 255.0, y_train / 255.0
x_test, y_test = x_test / 255.0, y_test / 255.0

model = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.Dense(1),
    ]
)
model.compile(optimizer="adam", loss="mse")
model.fit(x_train, y_train, epochs=20, verbose=0)
score = model.evaluate(x_test, y_test, verbose=0)
print("mean squared error", score, "variance", y_test.var())
