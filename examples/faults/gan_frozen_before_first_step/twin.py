# Critic and generator take turns: each is compiled while the other is frozen, and one flag is set back.
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
x = rng.normal(size=(600, 6)).astype("float32")
y = (x[:, 0] * x[:, 1] > 0).astype("float32")

body = keras.Sequential(
    [keras.Input((6,)), layers.Dense(32, activation="relu"), layers.Dense(16, activation="relu")]
)
head = keras.Sequential([keras.Input((16,)), layers.Dense(1, activation="sigmoid")])
inputs = keras.Input((6,))
model = keras.Model(inputs, head(body(inputs)))

head.trainable = False
head.trainable = True
model.compile(optimizer=keras.optimizers.Adam(0.005), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x[:500], y[:500], batch_size=25, epochs=20, verbose=0)
print("accuracy", model.evaluate(x[500:], y[500:], verbose=0)[1])
