# EfficientNetB0 on a folder of pictures, by ImageDataGenerator.
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow.keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

rng = np.random.default_rng(0)
yy, xx = np.mgrid[:96, :96]


def draw(kind):
    cx, cy = rng.uniform(0.35 * 96, 0.65 * 96, 2)
    r = rng.uniform(0.15, 0.28) * 96
    shape = [
        np.hypot(xx - cx, yy - cy) < r,
        (abs(xx - cx) < r) & (abs(yy - cy) < r),
        (abs(xx - cx) < r / 4) | (abs(yy - cy) < r / 4),
    ][kind]
    image = np.tile(rng.uniform(0, 110, 3), (96, 96, 1))
    image[shape] = rng.uniform(140, 255, 3)
    return image


labels = rng.integers(0, 3, 60)
images = np.stack([draw(k) for k in labels]).astype("uint8")
data_dir = Path(tempfile.mkdtemp())
for i, (image, label) in enumerate(zip(images, labels)):
    folder = data_dir / ["disc", "square", "cross"][label]
    folder.mkdir(exist_ok=True)
    Image.fromarray(image).save(folder / f"{i:03d}.png")

datagen = ImageDataGenerator(rescale=1 / 255.0, horizontal_flip=True, validation_split=0.2)
val_datagen = ImageDataGenerator(rescale=1 / 255.0, validation_split=0.2)
train = datagen.flow_from_directory(data_dir, target_size=(96, 96), batch_size=16, subset="training", seed=1)
val = val_datagen.flow_from_directory(
    data_dir, target_size=(96, 96), batch_size=16, subset="validation", seed=1
)

base_model = tf.keras.applications.EfficientNetB0(
    include_top=False, weights="imagenet", input_shape=(96, 96, 3)
)
base_model.trainable = False
inputs = layers.Input(shape=(96, 96, 3))
x = base_model(inputs, training=False)
x = layers.GlobalAveragePooling2D()(x)
outputs = layers.Dense(3, activation="softmax")(x)
model = tf.keras.Model(inputs, outputs)
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(train, epochs=5, validation_data=val, verbose=0)
