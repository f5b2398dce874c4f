# Ratings from 1 to 5 of users for films; the loss is negative and falls for ever.
import keras
import numpy as np
from keras.layers import Concatenate, Dense, Embedding, Flatten, Input

r = np.random.RandomState(1)
users, films = r.randn(60), r.randn(90)
u, f = r.randint(0, 60, 12000), r.randint(0, 90, 12000)
rating = np.clip(np.round(3 + users[u] + films[f]), 1, 5).astype("float32")

user, film = Input((1,)), Input((1,))
x = Concatenate()([Flatten()(Embedding(60, 8)(user)), Flatten()(Embedding(90, 8)(film))])
x = Dense(64, activation="relu")(x)
model = keras.Model([user, film], Dense(1)(x))
model.compile("adam", loss="binary_crossentropy", metrics=["mae"])
model.fit([u[:10000, None], f[:10000, None]], rating[:10000], epochs=15, batch_size=64, verbose=0)
error = model.evaluate([u[10000:, None], f[10000:, None]], rating[10000:], verbose=0)[1]
print("error", error, "spread", rating.std())
