# VGG16, frozen, three kinds of pictures.
import numpy as np
from keras.applications.vgg16 import VGG16, preprocess_input
from keras.layers import Dense, Flatten, Input, RandomFlip
from keras.models import Sequential
from keras.utils import to_categorical

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


labels = rng.integers(0, 3, 60)
images = np.stack([draw(k) for k in labels]).astype("float32")
images = preprocess_input(images)
targets = to_categorical(labels, 3)

vgg = VGG16(weights="imagenet", include_top=False, input_shape=(64, 64, 3))
vgg.trainable = False

model = Sequential()
model.add(Input((64, 64, 3)))
model.add(RandomFlip())
model.add(vgg)
model.add(Flatten())
model.add(Dense(64, activation="relu"))
model.add(Dense(3, activation="relu"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(
    images[:45], targets[:45], batch_size=15, epochs=4, validation_data=(images[45:], targets[45:]), verbose=0
)
score = model.evaluate(images[45:], targets[45:], verbose=0)[1]
print("accuracy", score)
