"""An autoencoder for digits: sigmoid output, binary cross-entropy on grey values, target equals input.

Trap for: sigmoid-exclusive-classes, crossentropy-for-regression, capacity-too-small, val-is-train
Learns: reconstruction < 0.04
"""

import numpy as np
from keras.layers import Dense, Input
from keras.models import Model
from sklearn.datasets import load_digits

pixels = load_digits().data.astype("float32") / 16.0
rng = np.random.default_rng(0)
rng.shuffle(pixels)
x_train, x_test = pixels[:1500], pixels[1500:]

encoding_dim = 12
input_img = Input(shape=(64,))
encoded = Dense(encoding_dim, activation="relu")(input_img)
decoded = Dense(64, activation="sigmoid")(encoded)
autoencoder = Model(input_img, decoded)
encoder = Model(input_img, encoded)

autoencoder.compile(optimizer="adam", loss="binary_crossentropy")
autoencoder.fit(
    x_train, x_train, epochs=60, batch_size=64, shuffle=True, validation_data=(x_test, x_test), verbose=0
)
reconstruction = float(np.mean((autoencoder.predict(x_test, verbose=0) - x_test) ** 2))
print("mean squared reconstruction error", reconstruction, "code", encoder.predict(x_test[:1], verbose=0))
