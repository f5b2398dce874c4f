"""Labels as one float column of shape (N, 1), with the sparse loss and ten units.

Trap for: categorical-loss-one-column, int-labels-categorical-loss, accuracy-wrong-form
Learns: acc > 0.92
"""

import numpy as np
from keras import layers, models
from sklearn.datasets import load_digits

data = load_digits()
features = data.data.reshape(-1, 8, 8, 1) / 15.0
targets = data.target.reshape(-1, 1).astype("float32")
np.random.seed(3)
idx = np.random.permutation(len(features))
features, targets = features[idx], targets[idx]

model = models.Sequential()
model.add(layers.Input(shape=(8, 8, 1)))
model.add(layers.Conv2D(16, (3, 3), padding="same", activation="relu"))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Conv2D(32, (3, 3), padding="same", activation="relu"))
model.add(layers.Flatten())
model.add(layers.Dense(10, activation="softmax"))
model.compile(
    optimizer="rmsprop", loss="sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"]
)
model.fit(features[:1500], targets[:1500], batch_size=32, epochs=12, verbose=0)
acc = model.evaluate(features[1500:], targets[1500:], verbose=0)[1]
print("acc", acc)
