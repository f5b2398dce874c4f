# Segmentation: the loss goes to large negative numbers.
import keras
import numpy as np
from keras import layers

r = np.random.RandomState(0)
pictures = r.randint(0, 120, (160, 32, 32, 1)).astype("uint8")
masks = np.zeros((160, 32, 32, 1), "uint8")
for i in range(160):
    a, b = r.randint(0, 18, 2)
    pictures[i, a : a + 14, b : b + 14] += 110
    masks[i, a : a + 14, b : b + 14] = 255

X = pictures.astype("float32") / 255
Y = masks.astype("float32")

inputs = keras.Input((32, 32, 1))
x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
outputs = layers.Conv2D(1, 1, activation="sigmoid")(x)
model = keras.Model(inputs, outputs)
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit(X[:128], Y[:128], epochs=8, batch_size=8, verbose=0)
found = model.predict(X[128:], verbose=0) > 0.5
right = Y[128:] > 0
print("overlap", (found & right).sum() / (found | right).sum())
