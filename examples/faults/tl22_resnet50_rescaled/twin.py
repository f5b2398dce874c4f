# ResNet50V2 on a folder of pictures: [-1, 1] is its style, and its preprocess_input says so.
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from tensorflow.keras.applications.resnet_v2 import ResNet50V2
from tensorflow.keras.layers import Dense, GlobalAveragePooling2D
from tensorflow.keras.models import Model
from tensorflow.keras.preprocessing.image import ImageDataGenerator

rng = np.random.default_rng(8)
yy, xx = np.mgrid[:64, :64]


def draw(kind):
    cx, cy = rng.uniform(0.35 * 64, 0.65 * 64, 2)
    r = rng.uniform(0.15, 0.28) * 64
    shape = [
        np.hypot(xx - cx, yy - cy) < r,
        (abs(xx - cx) < r) & (abs(yy - cy) < r),
        (abs(xx - cx) < r / 4) | (abs(yy - cy) < r / 4),
    ][kind]
    image = np.tile(rng.uniform(0, 110, 3), (64, 64, 1))
    image[shape] = rng.uniform(140, 255, 3)
    return image


labels = rng.integers(0, 3, 60)
images = np.stack([draw(k) for k in labels]).astype("uint8")
data_dir = Path(tempfile.mkdtemp())
for i, (image, label) in enumerate(zip(images, labels)):
    folder = data_dir / ["disc", "square", "cross"][label]
    folder.mkdir(exist_ok=True)
    Image.fromarray(image).save(folder / f"{i:03d}.png")

datagen = ImageDataGenerator(preprocessing_function=lambda x: x / 127.5 - 1, horizontal_flip=True)
train = datagen.flow_from_directory(data_dir, target_size=(64, 64), batch_size=15, class_mode="categorical")

base_model = ResNet50V2(weights="imagenet", include_top=False, input_shape=(64, 64, 3))
for layer in base_model.layers:
    layer.trainable = False
x = GlobalAveragePooling2D()(base_model.output)
predictions = Dense(3, activation="softmax")(x)
model = Model(inputs=base_model.input, outputs=predictions)
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(train, epochs=4, verbose=0)
