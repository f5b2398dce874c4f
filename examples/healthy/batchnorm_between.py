"""Dense, BatchNormalization, Activation in turn, raw pixel values first into BatchNormalization.

Trap for: hidden-activation-missing, pixels-unscaled, relu-output-classes
Learns: accuracy > 0.92
"""

from keras.layers import Activation, BatchNormalization, Dense, Flatten, Input
from keras.models import Sequential
from keras.utils import to_categorical
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

digits = load_digits()
images = (digits.images * 255 / 16).astype("uint8")
x_train, x_test, y_train, y_test = train_test_split(images, digits.target, random_state=0)
y_train = to_categorical(y_train)
y_test = to_categorical(y_test)

model = Sequential()
model.add(Input((8, 8)))
model.add(Flatten())
model.add(BatchNormalization())
for units in (64, 64):
    model.add(Dense(units, use_bias=False))
    model.add(BatchNormalization())
    model.add(Activation("relu"))
model.add(Dense(10))
model.add(Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=20, batch_size=64, validation_split=0.1, verbose=0)
accuracy = model.evaluate(x_test, y_test, verbose=0)[1]
print("accuracy", accuracy)
