# The remainder of a 20-bit number when divided by 8, from its bits.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.optimizers import SGD, Adam
from keras.utils import to_categorical

np.random.seed(0)
numbers = np.random.randint(0, 2**20, size=4000)
bits = ((numbers[:, None] >> np.arange(20)) & 1).astype("float32")
remainder = to_categorical(numbers % 8, 8)

model = Sequential()
model.add(Input(shape=(20,)))
model.add(Dense(64, activation="relu"))
model.add(Dense(64, activation="relu"))
model.add(Dense(8, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer=SGD(), metrics=["accuracy"])
model.fit(bits[:3400], remainder[:3400], batch_size=256, epochs=15, verbose=0)
score = model.evaluate(bits[3400:], remainder[3400:], verbose=0)[1]
print("accuracy", score)
