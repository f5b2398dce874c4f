# MobileNetV2 on pictures of another kind, with all its layers free.
import keras
import numpy as np
from keras import layers
from keras.applications.mobilenet_v2 import MobileNetV2, preprocess_input

rng = np.random.default_rng(6)
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
images = preprocess_input(images)

base = MobileNetV2(
    weights="imagenet", include_top=False, pooling="avg", alpha=0.35, input_shape=(112, 112, 3)
)
base.trainable = True

inputs = keras.Input((112, 112, 3))
x = layers.RandomFlip("horizontal")(inputs)
x = base(x)
outputs = layers.Dense(3, activation="softmax")(x)
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
history = model.fit(
    images[:60], labels[:60], batch_size=4, epochs=2, validation_data=(images[60:], labels[60:]), verbose=0
)
score = model.evaluate(images[60:], labels[60:], verbose=0)[1]
print("accuracy in fit", history.history["accuracy"][-1], "held out", score)
