"""Four grades in order, as three questions "is it above?": rows such as 1 1 0, sigmoid and binary cross-entropy.

Trap for: sigmoid-exclusive-classes, softmax-multilabel, units-not-classes
Learns: right > 0.85
"""

import keras
import numpy as np
from keras import layers

rng = np.random.RandomState(0)
X = rng.randn(1500, 6).astype("float32")
score = X[:, 0] + 0.7 * X[:, 1] + 0.1 * rng.randn(1500)
grade = np.digitize(score, [-1, 0, 1])
above = (grade[:, None] > np.arange(3)[None]).astype("float32")

model = keras.Sequential([layers.Dense(24, activation="relu"), layers.Dense(3, activation="sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["binary_accuracy"])
model.fit(X[:1200], above[:1200], epochs=25, batch_size=32, verbose=0)
found = (model.predict(X[1200:], verbose=0) > 0.5).sum(axis=1)
right = (found == grade[1200:]).mean()
