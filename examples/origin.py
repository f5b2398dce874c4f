"""The question that headstart began with, written anew: why does this not improve its accuracy?

    python origin.py PICTURES WEIGHTS

PICTURES is a folder with a folder for each of two classes; WEIGHTS is VGG19's weights with the top, as a
`.weights.h5` file. Five faults are in it on purpose: `headstart doctor origin.py -- PICTURES WEIGHTS` names them.
"""

import sys

import keras
from keras import layers
from keras.applications import VGG19

pictures, weights = sys.argv[1:3]

train, validation = keras.utils.image_dataset_from_directory(
    pictures,
    validation_split=0.2,
    subset="both",
    seed=7,
    image_size=(224, 224),
    batch_size=32,
)

base = VGG19(include_top=True, weights=weights)
base.trainable = False

model = keras.Sequential(
    [
        keras.Input((224, 224, 3)),
        layers.Rescaling(1.0 / 127.5, offset=-1),
        base,
        layers.Dense(256, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(64, activation="relu"),
        layers.Dense(1, activation="softmax"),
    ]
)

model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])

history = model.fit(train, validation_data=validation, epochs=10, workers=10)

print("validation accuracy:", [round(value, 3) for value in history.history["val_accuracy"]])
