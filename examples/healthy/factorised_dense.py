"""A wide layer split into two thin ones (low rank), with nothing in between on purpose.

Trap for: hidden-activation-missing, capacity-too-small
Learns: accuracy > 0.92
"""

from keras import Sequential, layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=2)


def low_rank(units, rank):
    return [layers.Dense(rank, use_bias=False), layers.Dense(units, activation="relu")]


model = Sequential(
    [layers.Input((64,)), *low_rank(256, 16), *low_rank(256, 16), layers.Dense(10, activation="softmax")]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=20, batch_size=32, verbose=0)
print("weights", model.count_params())
accuracy = model.evaluate(X_test, y_test, verbose=0)[1]
print("accuracy", accuracy)
