"""Matrix factorisation: two embeddings and a dot product, ratings as deviations from the mean.

Trap for: hidden-activation-missing, features-unscaled, pixels-unscaled, relu-output-signed-target
Learns: error < 0.5 * spread
"""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(0)
users, items = 120, 80
taste = rng.normal(size=(users, 3))
kind = rng.normal(size=(items, 3))
pairs = rng.choice(users * items, 5000, replace=False)
u, i = pairs // items, pairs % items
rating = (taste[u] * kind[i]).sum(axis=1) * 0.6 + rng.normal(scale=0.1, size=5000)

user_in = keras.Input((1,), dtype="int32", name="user")
item_in = keras.Input((1,), dtype="int32", name="item")
user_vec = layers.Flatten()(layers.Embedding(users, 6, embeddings_initializer="he_normal")(user_in))
item_vec = layers.Flatten()(layers.Embedding(items, 6, embeddings_initializer="he_normal")(item_in))
user_bias = layers.Flatten()(layers.Embedding(users, 1)(user_in))
item_bias = layers.Flatten()(layers.Embedding(items, 1)(item_in))
score = layers.Add()([layers.Dot(axes=1)([user_vec, item_vec]), user_bias, item_bias])
model = keras.Model([user_in, item_in], score)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
model.fit(
    [u[:4200].reshape(-1, 1), i[:4200].reshape(-1, 1)], rating[:4200], batch_size=64, epochs=30, verbose=0
)
error = model.evaluate([u[4200:].reshape(-1, 1), i[4200:].reshape(-1, 1)], rating[4200:], verbose=0)
spread = float(rating[4200:].var())
print("error", error, "variance", spread)
