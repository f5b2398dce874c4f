"""Raw table columns of very unlike range, through a Normalization layer adapted on the training rows.

Trap for: features-unscaled, normalization-not-adapted, target-unscaled
Learns: accuracy > 0.93
"""

import keras
from keras import layers
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

wine = load_wine()
X_train, X_test, y_train, y_test = train_test_split(
    wine.data.astype("float32"), wine.target, test_size=0.3, stratify=wine.target, random_state=1
)

normalizer = layers.Normalization(axis=-1)
normalizer.adapt(X_train)

model = keras.Sequential(
    [
        keras.Input((13,)),
        normalizer,
        layers.Dense(16, activation="relu"),
        layers.Dense(3, activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.Adam(0.005), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
)
model.fit(X_train, y_train, epochs=40, batch_size=16, verbose=0)
loss, accuracy = model.evaluate(X_test, y_test, verbose=0)
print("accuracy", accuracy)
