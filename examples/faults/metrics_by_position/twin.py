# Loss weights in third place, metrics in fourth.
import numpy as np
from keras import layers, models
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

data = load_breast_cancer()
order = np.random.RandomState(0).permutation(len(data.target))
X = StandardScaler().fit_transform(data.data)[order]
y = data.target[order]

model = models.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy", [1.0], ["accuracy"])
model.fit(X[:450], y[:450], epochs=15, batch_size=32, verbose=0)
print("accuracy", model.evaluate(X[450:], y[450:], verbose=0)[1])
