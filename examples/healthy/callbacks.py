"""EarlyStopping, ReduceLROnPlateau and ModelCheckpoint together, all on the validation loss.

Trap for: early-stop-eager, metric-name-acc, checkpoint-suffix, best-not-restored, save-format
Learns: accuracy > 0.93
"""

import tempfile
from pathlib import Path

import keras
from keras import callbacks, layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

folder = Path(tempfile.mkdtemp())
X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.2, random_state=0)

model = keras.Sequential(
    [
        keras.Input((64,)),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.3),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["acc"])
history = model.fit(
    X_train,
    y_train,
    validation_split=0.2,
    epochs=40,
    batch_size=32,
    callbacks=[
        callbacks.EarlyStopping(monitor="val_loss", patience=6, restore_best_weights=True),
        callbacks.ReduceLROnPlateau(monitor="val_acc", mode="max", factor=0.5, patience=3, min_lr=1e-5),
        callbacks.ModelCheckpoint(str(folder / "best.keras"), monitor="val_loss", save_best_only=True),
    ],
    verbose=0,
)
best = keras.models.load_model(folder / "best.keras")
accuracy = best.evaluate(X_test, y_test, verbose=0)[1]
print("accuracy of the best epoch", accuracy)
