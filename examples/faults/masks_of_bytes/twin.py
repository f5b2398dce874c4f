# Segmentation into two kinds by class ids, the edge of each picture (255) left out.
import keras
import numpy as np
from keras import layers

r = np.random.RandomState(0)
pictures = r.randint(0, 120, (160, 32, 32, 1)).astype("uint8")
masks = np.zeros((160, 32, 32, 1), "uint8")
for i in range(160):
    a, b = r.randint(0, 18, 2)
    pictures[i, a : a + 14, b : b + 14] += 110
    masks[i, a : a + 14, b : b + 14] = 1
masks[:, 0] = 255

X = pictures.astype("float32") / 255
Y = masks.astype("int32")

inputs = keras.Input((32, 32, 1))
x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
outputs = layers.Conv2D(2, 1)(x)
model = keras.Model(inputs, outputs)
model.compile(
    optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255)
)
model.fit(X[:128], Y[:128], epochs=8, batch_size=8, verbose=0)
found = model.predict(X[128:], verbose=0).argmax(axis=-1)[:, 1:] == 1
right = Y[128:, 1:, :, 0] == 1
print("overlap", (found & right).sum() / (found | right).sum())
