# MobileNetV2 on a small set, at a low rate.
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(9)
yy, xx = np.mgrid[:112, :112]


def draw(kind):
    cx, cy = rng.uniform(0.35 * 112, 0.65 * 112, 2)
    r = rng.uniform(0.15, 0.28) * 112
    shape = [
        np.hypot(xx - cx, yy - cy) < r,
        (abs(xx - cx) < r) & (abs(yy - cy) < r),
        (abs(xx - cx) < r / 4) | (abs(yy - cy) < r / 4),
    ][kind]
    image = np.tile(rng.uniform(0, 110, 3), (112, 112, 1))
    image[shape] = rng.uniform(140, 255, 3)
    return image


labels = rng.integers(0, 3, 130)
images = np.stack([draw(k) for k in labels]).astype("float32")
images = keras.applications.mobilenet_v2.preprocess_input(images)

base_model = keras.applications.MobileNetV2(
    input_shape=(112, 112, 3), include_top=False, alpha=0.35, weights="imagenet"
)
base_model.trainable = False
model = keras.Sequential(
    [
        keras.Input((112, 112, 3)),
        layers.RandomFlip("horizontal"),
        base_model,
        layers.GlobalAveragePooling2D(),
        layers.Dense(3, activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
history = model.fit(
    images[:90], labels[:90], batch_size=16, epochs=10, validation_data=(images[90:], labels[90:]), verbose=0
)
score = model.evaluate(images[90:], labels[90:], verbose=0)[1]
print("accuracy in fit", history.history["accuracy"][-1], "held out", score)
