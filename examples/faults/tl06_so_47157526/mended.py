# ResNet50 from scratch on a handful of pictures: can it learn them by heart?
import numpy as np
from keras.applications.resnet50 import ResNet50, preprocess_input
from keras.layers import BatchNormalization

rng = np.random.default_rng(4)
yy, xx = np.mgrid[:48, :48]


def draw(kind):
    cx, cy = rng.uniform(0.35 * 48, 0.65 * 48, 2)
    r = rng.uniform(0.15, 0.28) * 48
    shape = [
        np.hypot(xx - cx, yy - cy) < r,
        (abs(xx - cx) < r) & (abs(yy - cy) < r),
        (abs(xx - cx) < r / 4) | (abs(yy - cy) < r / 4),
    ][kind]
    image = np.tile(rng.uniform(0, 110, 3), (48, 48, 1))
    image[shape] = rng.uniform(140, 255, 3)
    return image


labels = np.array([0, 1, 2])
images = np.stack([draw(k) for k in labels]).astype("float32")
x = preprocess_input(images)

model = ResNet50(weights=None, classes=3, include_top=True, input_shape=(48, 48, 3))
for layer in model.layers:
    if isinstance(layer, BatchNormalization):
        layer.momentum = 0.8
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(x, labels, batch_size=3, epochs=40, verbose=0)
fit_accuracy = history.history["accuracy"][-1]
score = model.evaluate(x, labels, verbose=0)
print("accuracy in fit", fit_accuracy, "in evaluate", score[1], "loss", score[0])
