"""A search over widths and rates: many short fits, choice on the validation rows, test rows used once.

Trap for: test-used-for-choice, rate-too-high, rate-too-low, epochs-too-few
Learns: final > 0.93
"""

import itertools

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X = X / 16.0
X_rest, X_test, y_rest, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, test_size=0.2, random_state=0)


def build(units, rate):
    model = keras.Sequential(
        [keras.Input((64,)), layers.Dense(units, activation="relu"), layers.Dense(10, activation="softmax")]
    )
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


best, best_score = None, 0.0
for units, rate in itertools.product([32, 64], [1e-3, 5e-3]):
    model = build(units, rate)
    history = model.fit(X_train, y_train, validation_data=(X_val, y_val), epochs=12, batch_size=32, verbose=0)
    score = max(history.history["val_accuracy"])
    print(units, rate, round(score, 3))
    if score > best_score:
        best, best_score = model, score
final = best.evaluate(X_test, y_test, verbose=0)[1]
print("test accuracy of the chosen one", final)
