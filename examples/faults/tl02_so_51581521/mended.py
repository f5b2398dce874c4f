# VGG16, frozen, two kinds of pictures.
import numpy as np
from keras.applications.vgg16 import VGG16, preprocess_input
from keras.layers import Dense, Dropout, Flatten, RandomFlip
from keras.models import Model, Sequential

rng = np.random.default_rng(0)
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


labels = rng.integers(0, 2, 48)
images = np.stack([draw(k) for k in labels]).astype("float32")
images = preprocess_input(images)

conv = VGG16(weights="imagenet", include_top=False, input_shape=(64, 64, 3))
for layer in conv.layers:
    layer.trainable = False

model = Sequential()
model.add(RandomFlip("horizontal"))
model.add(conv)
model.add(Flatten())
model.add(Dense(64, activation="relu"))
model.add(Dropout(0.5))
model.add(Dense(1, activation="sigmoid"))
model.build((None, 64, 64, 3))
model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["acc"])
model.fit(
    images[:36], labels[:36], batch_size=12, epochs=3, validation_data=(images[36:], labels[36:]), verbose=0
)
score = model.evaluate(images[36:], labels[36:], verbose=0)[1]
print("accuracy", score)
