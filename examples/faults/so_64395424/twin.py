# Does the reading belong to the first kind? Judged at two cuts on purpose.
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(9)
x = rng.normal(size=(1000, 6)).astype("float32")
y = (x[:, 0] + 0.5 * x[:, 1] ** 2 > 0.5).astype("float32")

model = keras.Sequential(
    [keras.Input((6,)), layers.Dense(24, activation="relu"), layers.Dense(1, activation="sigmoid")]
)
model.compile(
    optimizer="adam",
    loss="binary_crossentropy",
    metrics=["accuracy", keras.metrics.BinaryAccuracy(threshold=0.3, name="careful")],
)
model.fit(x[:800], y[:800], epochs=20, batch_size=32, verbose=0)
score = model.evaluate(x[800:], y[800:], verbose=0)[1]
print("accuracy as shown", score)
