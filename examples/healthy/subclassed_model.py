"""A subclassed model without an Input: it gets its weights at the first batch.

Trap for: logits-without-flag, hidden-activation-missing, random-backbone-frozen
Learns: accuracy > 0.92
"""

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split


class DigitNet(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.scale = layers.Rescaling(1 / 16.0)
        self.conv1 = layers.Conv2D(16, 3, padding="same")
        self.conv2 = layers.Conv2D(32, 3, padding="same")
        self.pool = layers.MaxPooling2D()
        self.flat = layers.Flatten()
        self.drop = layers.Dropout(0.3)
        self.out = layers.Dense(classes)

    def call(self, inputs, training=False):
        x = self.scale(inputs)
        x = keras.activations.relu(self.conv1(x))
        x = self.pool(keras.activations.relu(self.conv2(x)))
        x = self.drop(self.flat(x), training=training)
        return keras.activations.softmax(self.out(x))


digits = load_digits()
X_train, X_test, y_train, y_test = train_test_split(digits.images[..., None], digits.target, random_state=4)
model = DigitNet(10)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=12, batch_size=32, validation_data=(X_test, y_test), verbose=0)
accuracy = model.evaluate(X_test, y_test, verbose=0)[1]
print("accuracy", accuracy)
