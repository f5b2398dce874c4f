"""DenseNet121 with its own preprocessing, done on the array beforehand.

Trap for: backbone-preprocess-mismatch, double-rescale, features-unscaled
Learns: accuracy > 0.7
Needs: weights of DenseNet121
"""

import keras
import numpy as np
from keras.applications.densenet import DenseNet121, preprocess_input
from keras.layers import Dense, Dropout, GlobalAveragePooling2D
from keras.utils import to_categorical

rng = np.random.default_rng(0)
yy, xx = np.mgrid[:64, :64]
labels = rng.integers(0, 2, 60)
images = np.empty((60, 64, 64, 3), dtype="float32")
for i, label in enumerate(labels):
    period = rng.uniform(4, 8)
    checks = ((xx // period).astype(int) + (yy // period).astype(int)) % 2 == 0
    rings = (np.hypot(xx - 32, yy - 32) // period).astype(int) % 2 == 0
    images[i] = np.where(
        (rings if label else checks)[..., None], rng.uniform(0, 110, 3), rng.uniform(140, 255, 3)
    )
data = preprocess_input(images)
targets = to_categorical(labels, 2)

base = DenseNet121(weights="imagenet", include_top=False, input_shape=(64, 64, 3))
base.trainable = False
x = GlobalAveragePooling2D()(base.output)
x = Dropout(0.2)(x)
model = keras.Model(base.input, Dense(2, activation="softmax")(x))
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(
    data[:45], targets[:45], epochs=4, batch_size=15, validation_data=(data[45:], targets[45:]), verbose=0
)
accuracy = model.evaluate(data[45:], targets[45:], verbose=0)[1]
print("accuracy", accuracy)
