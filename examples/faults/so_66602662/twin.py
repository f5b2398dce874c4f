# Digits by a gate of softmax weights over four experts, and a softmax at the end: two, of different branches.
import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.RandomState(0).permutation(len(digits.data))
x, y = digits.data[order] / 16.0, digits.target[order]

inputs = keras.Input((64,))
gate = layers.Dense(4, activation="softmax")(inputs)
experts = layers.Reshape((4, 16))(layers.Dense(64, activation="relu")(inputs))
mixed = layers.Dot(axes=1)([gate, experts])
outputs = layers.Softmax()(layers.Dense(10)(mixed))
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(x[:1400], y[:1400], epochs=20, batch_size=32, verbose=0)
probability = model.predict(x[1400:], verbose=0)
score = -np.log(probability[np.arange(len(probability)), y[1400:]] + 1e-9).mean()
print("log loss", score)
