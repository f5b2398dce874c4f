"""A custom loss that applies the softmax itself, so the last Dense stays linear.

Trap for: logits-without-flag
Learns: accuracy > 0.9
"""

import keras
from keras import ops
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

iris = load_iris()
X = StandardScaler().fit_transform(iris.data)
Y = keras.utils.to_categorical(iris.target, 3)
X_train, X_test, Y_train, Y_test = train_test_split(X, Y, test_size=0.3, random_state=3)


def softmax_loss(y_true, y_pred):
    probabilities = ops.softmax(y_pred, axis=-1)
    picked = ops.sum(ops.cast(y_true, probabilities.dtype) * probabilities, axis=-1)
    return -ops.log(picked + 1e-7)


model = keras.Sequential()
model.add(keras.layers.Input((4,)))
model.add(keras.layers.Dense(16, activation="relu"))
model.add(keras.layers.Dense(3))
model.compile(optimizer=keras.optimizers.Adam(0.01), loss=softmax_loss, metrics=["accuracy"])
model.fit(X_train, Y_train, epochs=40, batch_size=16, verbose=0)
accuracy = model.evaluate(X_test, Y_test, verbose=0)[1]
print("accuracy:", accuracy)
