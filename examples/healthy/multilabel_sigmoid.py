"""Several labels at once: sigmoid units with binary cross-entropy.

Trap for: sigmoid-exclusive-classes, softmax-multilabel
Learns: score > 0.9
"""

import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

# 20 measurements, 5 labels, each depending on a few of them; a row carries none, one or several.
rng = np.random.default_rng(0)
X = rng.normal(size=(1500, 20)).astype("float32")
mix = rng.normal(size=(20, 5)) * (rng.random((20, 5)) < 0.3)
y = ((X @ mix + 0.3 * rng.normal(size=(1500, 5))) > 0.5).astype("int32")
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)

model = Sequential(
    [Input((20,)), Dense(64, activation="relu"), Dense(32, activation="relu"), Dense(5, activation="sigmoid")]
)
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["binary_accuracy"])
model.fit(X_train, y_train, epochs=20, batch_size=32, validation_split=0.1, verbose=0)

predicted = model.predict(X_test, verbose=0) > 0.5
score = np.mean(predicted == y_test)
print("share of right labels", score, "F1", f1_score(y_test, predicted, average="micro"))
