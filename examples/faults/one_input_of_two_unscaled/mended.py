# Numbers and a category, through tf.data: scaled.
import numpy as np
import tensorflow as tf

r = np.random.RandomState(0)
n = 2000
numbers = np.stack([r.uniform(1e5, 9e5, n), r.uniform(0, 1, n), r.randint(1950, 2020, n)], axis=1)
numbers = ((numbers - numbers.mean(axis=0)) / numbers.std(axis=0)).astype("float32")
kind = r.randint(0, 12, n)
y = ((numbers[:, 1] > 0) | (kind < 4)).astype("float32")


def rows(part):
    data = tf.data.Dataset.from_tensor_slices(({"numbers": numbers[part], "kind": kind[part]}, y[part]))
    return data.shuffle(n).batch(32)


a = tf.keras.Input((3,), name="numbers")
b = tf.keras.Input((), dtype="int32", name="kind")
h = tf.keras.layers.Concatenate()([a, tf.keras.layers.Embedding(12, 4)(b)])
h = tf.keras.layers.Dense(32, activation="relu")(h)
model = tf.keras.Model([a, b], tf.keras.layers.Dense(1, activation="sigmoid")(h))
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(rows(slice(0, 1500)), epochs=10, verbose=0)
print("accuracy", model.evaluate(rows(slice(1500, n)), verbose=0)[1])
