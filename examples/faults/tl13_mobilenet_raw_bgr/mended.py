# MobileNetV2 with pictures as a video library hands them out.
import keras
import numpy as np
from keras import layers
from keras.applications.mobilenet_v2 import MobileNetV2, preprocess_input

rng = np.random.default_rng(2)
yy, xx = np.mgrid[:112, :112]


def draw(kind):
    cx, cy = rng.uniform(0.35 * 112, 0.65 * 112, 2)
    r = rng.uniform(0.15, 0.28) * 112
    shape = [
        np.hypot(xx - cx, yy - cy) < r,
        (abs(xx - cx) < r) & (abs(yy - cy) < r),
        (abs(xx - cx) < r / 4) | (abs(yy - cy) < r / 4),
    ][kind]
    ground = rng.uniform(0, 215, 3)
    image = np.tile(ground, (112, 112, 1))
    image[shape] = ground + 40
    return np.clip(image + rng.normal(scale=13, size=image.shape), 0, 255)


labels = rng.integers(0, 3, 130)
images = np.stack([draw(k) for k in labels]).astype("float32")
frames = images[..., ::-1]  # blue comes first in what the camera gives

x = preprocess_input(frames[..., ::-1].copy())
base = MobileNetV2(
    weights="imagenet", include_top=False, pooling="avg", alpha=0.35, input_shape=(112, 112, 3)
)
base.trainable = False
inputs = keras.Input((112, 112, 3))
h = layers.RandomFlip("horizontal")(inputs)
h = base(h)
outputs = layers.Dense(3, activation="softmax")(h)
model = keras.Model(inputs, outputs)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x[:90], labels[:90], batch_size=16, epochs=8, validation_data=(x[90:], labels[90:]), verbose=0)
score = model.evaluate(x[90:], labels[90:], verbose=0)[1]
print("accuracy", score)
