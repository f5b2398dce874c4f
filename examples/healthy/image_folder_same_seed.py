"""A folder of pictures, split by two calls with the same seed; scaling and augmentation inside the model.

Trap for: split-overlap-seed, class-mode-mismatch, no-cache-prefetch, augment-range, augment-validation
Learns: accuracy > 0.85
Needs: TensorFlow
"""

import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow import keras
from tensorflow.keras import layers

data_dir = Path(tempfile.mkdtemp())
rng = np.random.default_rng(0)
yy, xx = np.mgrid[:32, :32]
for name in ("disc", "square", "cross"):
    (data_dir / name).mkdir()
    for i in range(80):
        cx, cy, r = rng.uniform(11, 21), rng.uniform(11, 21), rng.uniform(5, 9)
        shape = {
            "disc": np.hypot(xx - cx, yy - cy) < r,
            "square": (abs(xx - cx) < r) & (abs(yy - cy) < r),
            "cross": (abs(xx - cx) < 2) | (abs(yy - cy) < 2),
        }[name]
        image = np.tile(rng.uniform(0, 100, 3), (32, 32, 1))
        image[shape] = rng.uniform(140, 255, 3)
        Image.fromarray(image.astype("uint8")).save(data_dir / name / f"{name}_{i:03d}.png")

train_ds = keras.utils.image_dataset_from_directory(
    data_dir, validation_split=0.2, subset="training", seed=123, image_size=(32, 32), batch_size=16
)
val_ds = keras.utils.image_dataset_from_directory(
    data_dir, validation_split=0.2, subset="validation", seed=123, image_size=(32, 32), batch_size=16
)
class_names = train_ds.class_names
train_ds = train_ds.cache().shuffle(1000).prefetch(tf.data.AUTOTUNE)
val_ds = val_ds.cache().prefetch(tf.data.AUTOTUNE)

model = keras.Sequential(
    [
        keras.Input((32, 32, 3)),
        layers.RandomFlip("horizontal_and_vertical"),
        layers.RandomBrightness(0.1),
        layers.Rescaling(1.0 / 255),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dropout(0.2),
        layers.Dense(len(class_names)),
    ]
)
model.compile(
    optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
)
model.fit(train_ds, validation_data=val_ds, epochs=25, verbose=0)
accuracy = model.evaluate(val_ds, verbose=0)[1]
print("validation accuracy", accuracy)
