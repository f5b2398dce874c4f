"""Probabilities trained on the Brier score on purpose, with the usual loss as a metric beside it.

Trap for: mse-for-classes
Learns: accuracy > 0.92
"""

import keras
from keras import ops
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=5)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)


def brier_score(y_true, y_pred):
    """A proper scoring rule: the mean squared distance between outcome and probability."""
    return ops.mean(ops.square(ops.cast(y_true, y_pred.dtype) - y_pred), axis=-1)


model = keras.Sequential(
    [
        keras.layers.Input((30,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss=brier_score, metrics=["binary_crossentropy", "accuracy"])
model.fit(X_train, y_train.reshape(-1, 1), epochs=40, batch_size=16, verbose=0)
brier, log_loss, accuracy = model.evaluate(X_test, y_test.reshape(-1, 1), verbose=0)
print("Brier score", brier, "accuracy", accuracy)
