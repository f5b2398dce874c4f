# Are the two rows of one kind? Distances are never negative: a margin decides.
import keras
import numpy as np
from keras import layers, ops

r = np.random.RandomState(0)
kinds = r.randn(5, 20)
n = 1500
a = r.randint(0, 5, n)
same = r.randint(0, 2, n)
b = np.where(same == 1, a, (a + r.randint(1, 5, n)) % 5)
left = kinds[a] + 0.3 * r.randn(n, 20)
right = kinds[b] + 0.3 * r.randn(n, 20)

encoder = keras.Sequential([layers.Input((20,)), layers.Dense(32, activation="relu"), layers.Dense(16)])
one, two = keras.Input((20,)), keras.Input((20,))
distance = layers.Lambda(lambda t: ops.abs(t[0] - t[1]))([encoder(one), encoder(two)])
answer = layers.Dense(1, activation="relu", bias_initializer="ones")(distance)
model = keras.Model([one, two], answer)


def margin(y, d):
    return ops.mean(y * ops.square(d) + (1 - y) * ops.square(ops.maximum(1 - d, 0)))


def accuracy(y, d):
    return ops.mean(ops.cast(ops.equal(ops.cast(d < 0.5, "float32"), ops.cast(y, "float32")), "float32"))


model.compile(loss=margin, optimizer="adam", metrics=[accuracy])
model.fit([left[:1200], right[:1200]], same[:1200, None], batch_size=32, epochs=15, verbose=0)
print("accuracy", model.evaluate([left[1200:], right[1200:]], same[1200:, None], verbose=0)[1])
