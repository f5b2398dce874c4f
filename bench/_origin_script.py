"""The origin question's script with its faults mended, in plain Keras; a child of `origin_job.py`.

    python bench/_origin_script.py fit|headstart PICTURES VGG19_FILE EPOCHS RESULT.json

PICTURES holds train/ and validation/ with two class folders each. `fit` calls `model.fit`, `headstart` calls
`headstart.fit` in its place; nothing else differs. After every batch of `fit` the head's weights are noted with the
time, and when the clock has stopped they are measured on the validation pictures: so the curve costs the script nothing.
"""

from __future__ import annotations

import time

BEGAN = time.perf_counter()

import json  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import keras  # noqa: E402
import numpy as np  # noqa: E402

SIDE, BATCH, SEED = 224, 32, 0


def main(how: str, pictures: str, weights: str, epochs: int, result: str) -> None:
    keras.utils.set_random_seed(SEED)
    train, held = (
        keras.utils.image_dataset_from_directory(
            f"{pictures}/{part}", label_mode="binary", image_size=(SIDE, SIDE), batch_size=BATCH, seed=SEED
        )
        for part in ("train", "validation")
    )
    base = keras.applications.VGG19(
        include_top=False, weights=weights, pooling="avg", input_shape=(SIDE, SIDE, 3)
    )
    base.trainable = False
    given = keras.Input((SIDE, SIDE, 3))
    features = base(keras.applications.vgg19.preprocess_input(given), training=False)
    head = keras.Sequential(
        [
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model = keras.Model(given, head(features))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    noted: list[tuple[float, list[np.ndarray]]] = []

    class Note(keras.callbacks.Callback):
        def on_train_batch_end(self, *_: object) -> None:
            noted.append((time.perf_counter() - BEGAN, head.get_weights()))

    started = time.perf_counter()
    if how == "fit":
        history = model.fit(train, validation_data=held, epochs=epochs, verbose=0, callbacks=[Note()])
    else:
        import headstart

        history = headstart.fit(model, train, validation_data=held, epochs=epochs, verbose=0)
    ended = time.perf_counter()
    found = {
        "startup": started - BEGAN,
        "fit": ended - started,
        "total": ended - BEGAN,
        "epochs": epochs,
        "backend": keras.backend.backend(),
        "val_accuracy": [float(value) for value in history.history["val_accuracy"]],
        "curve": [],
    }
    if noted:
        rows, truth = [], []
        trunk = keras.Model(given, features)
        for x, y in held:
            rows.append(np.asarray(trunk.predict_on_batch(x)))
            truth.append(np.asarray(y))
        x, y = np.concatenate(rows), np.concatenate(truth)[:, 0] > 0.5
        for seconds, state in noted:
            head.set_weights(state)
            right = (head.predict(x, batch_size=len(x), verbose=0)[:, 0] > 0.5) == y
            found["curve"].append([seconds, float(right.mean())])
    Path(result).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
