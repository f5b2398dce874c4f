# Train from a generator, test by hand.
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from tensorflow.keras import layers, models
from tensorflow.keras.preprocessing.image import ImageDataGenerator

rng = np.random.default_rng(7)
yy, xx = np.mgrid[:32, :32]


def draw(kind):
    cx, cy = rng.uniform(0.35 * 32, 0.65 * 32, 2)
    r = rng.uniform(0.15, 0.28) * 32
    shape = [
        np.hypot(xx - cx, yy - cy) < r,
        (abs(xx - cx) < r) & (abs(yy - cy) < r),
        (abs(xx - cx) < r / 4) | (abs(yy - cy) < r / 4),
    ][kind]
    image = np.tile(rng.uniform(0, 110, 3), (32, 32, 1))
    image[shape] = rng.uniform(140, 255, 3)
    return image


labels = rng.integers(0, 2, 200)
images = np.stack([draw(k) for k in labels]).astype("uint8")
images, held, labels, held_labels = images[:150], images[150:], labels[:150], labels[150:]

data_dir = Path(tempfile.mkdtemp())
for i, (image, label) in enumerate(zip(images, labels)):
    folder = data_dir / ["disc", "square"][label]
    folder.mkdir(exist_ok=True)
    Image.fromarray(image).save(folder / f"{i:03d}.png")

datagen = ImageDataGenerator(rescale=1.0 / 255, validation_split=0.2)
train = datagen.flow_from_directory(data_dir, (32, 32), class_mode="binary", batch_size=16, subset="training")
val = datagen.flow_from_directory(data_dir, (32, 32), class_mode="binary", batch_size=16, subset="validation")

model = models.Sequential(
    [
        layers.Input((32, 32, 3)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(train, validation_data=val, epochs=15, verbose=0)

test = held.astype("float32") / 255.0
loss, score = model.evaluate(test, held_labels, verbose=0)
print("validation", history.history["val_accuracy"][-1], "test accuracy", score, "loss", loss)
