"""Sentiment of made-up reviews: words to ids by hand, padding with 0, embedding and pooling.

Trap for: pixels-unscaled, features-unscaled, sentinel-values, wide-init
Learns: accuracy > 0.9
"""

import random

import keras
import numpy as np
from keras import layers

random.seed(0)
GOOD = "great lovely superb enjoyed wonderful fine charming".split()
BAD = "awful boring dreadful hated poor dull clumsy".split()
PLAIN = "the a film plot actor scene music was and it story camera end start".split()

texts, labels = [], []
for _ in range(1000):
    label = random.randint(0, 1)
    words = random.choices(PLAIN, k=random.randint(5, 14)) + random.choices(GOOD if label else BAD, k=3)
    words += random.choices(BAD if label else GOOD, k=1)
    random.shuffle(words)
    texts.append(" ".join(words))
    labels.append(label)

vocabulary = {word: i + 1 for i, word in enumerate(sorted({w for text in texts for w in text.split()}))}
sequences = [[vocabulary[w] for w in text.split()] for text in texts]
x = keras.utils.pad_sequences(sequences, maxlen=20)
y = np.array(labels)

model = keras.Sequential(
    [
        keras.Input(shape=(20,), dtype="int32"),
        layers.Embedding(len(vocabulary) + 1, 16),
        layers.GlobalAveragePooling1D(),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x[:800], y[:800], epochs=20, batch_size=32, validation_data=(x[800:], y[800:]), verbose=0)
accuracy = model.evaluate(x[800:], y[800:], verbose=0)[1]
print("accuracy", accuracy)
