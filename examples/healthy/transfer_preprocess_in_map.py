"""MobileNetV2 in a tf.data pipeline: its own preprocess_input is called in dataset.map.

Trap for: backbone-preprocess-mismatch, backbone-raw-pixels, no-cache-prefetch, shuffle-ignored
Learns: accuracy > 0.8
Needs: TensorFlow, weights of MobileNetV2
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, models
from tensorflow.keras.applications import MobileNetV2
from tensorflow.keras.applications.mobilenet_v2 import preprocess_input

IMG_SIZE, BATCH = 96, 16
rng = np.random.default_rng(3)


def draw(striped):
    axis = np.arange(IMG_SIZE)
    wave = np.sin(axis / rng.uniform(2, 4) + rng.uniform(0, 6)) > 0
    grid = np.tile(wave, (IMG_SIZE, 1))
    if not striped:
        grid = grid ^ grid.T
    low, high = rng.uniform(0, 110, 3), rng.uniform(140, 255, 3)
    return np.where(grid[..., None], high, low)


labels = rng.integers(0, 2, 140)
images = np.stack([draw(k) for k in labels]).astype("uint8")

AUTOTUNE = tf.data.AUTOTUNE
train_ds = tf.data.Dataset.from_tensor_slices((images[:110], labels[:110]))
train_ds = (
    train_ds.cache()
    .shuffle(110)
    .map(lambda x, y: (tf.image.random_flip_left_right(x), y), num_parallel_calls=AUTOTUNE)
    .batch(BATCH)
    .map(lambda x, y: (preprocess_input(tf.cast(x, tf.float32)), y), num_parallel_calls=AUTOTUNE)
    .prefetch(AUTOTUNE)
)
val_ds = tf.data.Dataset.from_tensor_slices((images[110:], labels[110:])).batch(BATCH)
val_ds = val_ds.map(lambda x, y: (preprocess_input(tf.cast(x, tf.float32)), y)).cache().prefetch(AUTOTUNE)

base = MobileNetV2(
    include_top=False, pooling="avg", alpha=0.35, input_shape=(None, None, 3), weights="imagenet"
)
base.trainable = False
model = models.Sequential([base, layers.Dropout(0.2), layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(train_ds, validation_data=val_ds, epochs=6, verbose=0)
accuracy = model.evaluate(val_ds, verbose=0)[1]
print("accuracy", accuracy)
