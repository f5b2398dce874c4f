"""A rare class, weighted in the loss and judged by recall and area under the curve.

Trap for: class-imbalance, class-weight-misused, accuracy-wrong-form
Learns: result["recall"] > 0.7
"""

import keras
import numpy as np
from keras import layers
from sklearn.model_selection import train_test_split
from sklearn.utils.class_weight import compute_class_weight

rng = np.random.default_rng(0)
X = rng.normal(size=(3000, 8)).astype("float32")
y = (X[:, 0] + X[:, 1] * X[:, 2] + 0.3 * rng.normal(size=3000) > 2.2).astype("int32")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, stratify=y, random_state=0)
print("share of the rare class", y.mean())

weights = compute_class_weight("balanced", classes=np.array([0, 1]), y=y_train)
model = keras.Sequential(
    [
        keras.Input((8,)),
        layers.Dense(32, activation="relu"),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(
    optimizer="adam",
    loss="binary_crossentropy",
    metrics=[keras.metrics.Recall(name="recall"), keras.metrics.AUC(name="auc")],
)
model.fit(X_train, y_train, epochs=20, batch_size=64, class_weight={0: weights[0], 1: weights[1]}, verbose=0)
result = model.evaluate(X_test, y_test, return_dict=True, verbose=0)
print(result)
