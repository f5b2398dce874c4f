"""Cross-validation: a new model for each fold, scaler fitted on the fold's training rows.

Trap for: duplicate-leakage, optimizer-reused, tiny-dataset
Learns: np.mean(scores) > 0.9
"""

import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.optimizers import Adam
from sklearn.datasets import load_iris
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

X, y = load_iris(return_X_y=True)


def make_model():
    model = Sequential([Input((4,)), Dense(16, activation="relu"), Dense(3, activation="softmax")])
    model.compile(optimizer=Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


scores = []
for train, test in StratifiedKFold(n_splits=5, shuffle=True, random_state=0).split(X, y):
    scaler = StandardScaler().fit(X[train])
    model = make_model()
    model.fit(scaler.transform(X[train]), y[train], epochs=30, batch_size=16, verbose=0)
    scores.append(model.evaluate(scaler.transform(X[test]), y[test], verbose=0)[1])
print("accuracy %.3f +- %.3f" % (np.mean(scores), np.std(scores)))
