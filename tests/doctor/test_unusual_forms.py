"""Faults in forms that the rules' own tests do not have, as they came up in programs of other hands."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, names, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients

TABLE = """
    import keras
    import numpy as np
    from keras import layers
    r = np.random.RandomState(0)
    X = r.randn(800, 6).astype("float32")
    y = (X[:, 0] + X[:, 1] > 0).astype("float32")
"""


def asked(text: str, tmp_path: Path, *rules: str):  # type: ignore[no-untyped-def]
    return run_doctor(text, tmp_path, select=rules)


def test_a_misspelt_flag_on_a_base_that_only_lends_its_layers(tmp_path: Path) -> None:
    text = """
    import keras
    import numpy as np
    X = np.random.RandomState(0).rand(16, 32, 32, 3)
    y = np.arange(16) % 2
    base = keras.applications.MobileNetV2(alpha=0.35, include_top=False, input_shape=(32, 32, 3), weights=None)
    base.trainabel = False
    h = keras.layers.GlobalAveragePooling2D()(base.output)
    model = keras.Model(base.input, keras.layers.Dense(1, activation="sigmoid")(h))
    model.compile("adam", "binary_crossentropy")
    model.fit(X, y)
    """
    diagnosis = asked(text, tmp_path, "trainable-typo")
    assert line_of(only(diagnosis, "trainable-typo"), tmp_path) == "base.trainabel = False"
    silent(asked(repaired(diagnosis, "trainable-typo"), tmp_path, "trainable-typo"), "trainable-typo")


def test_a_kept_top_without_trained_weights(tmp_path: Path) -> None:
    text = """
    import keras
    import numpy as np
    X = np.random.RandomState(0).rand(12, 32, 32, 3) * 2 - 1
    y = np.arange(12) % 2
    base = keras.applications.MobileNetV2(alpha=0.35, input_shape=(32, 32, 3), weights=None)
    base.trainable = False
    model = keras.Sequential([base, keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    model.fit(X, y)
    """
    rules = ("classifier-top-kept", "random-backbone-frozen")
    finding = only(asked(text, tmp_path, *rules), "classifier-top-kept")
    assert line_of(finding, tmp_path).startswith("base = keras.applications.MobileNetV2(")
    answers = (
        text.replace('[base, keras.layers.Dense(1, activation="sigmoid")]', "[base]")
        .replace("base.trainable = False", "pass")
        .replace("binary_", "sparse_categorical_")
    )
    silent(asked(answers, tmp_path, "classifier-top-kept"), "classifier-top-kept")


def test_grades_that_the_script_measures_distances_on_are_numbers(tmp_path: Path) -> None:
    head = TABLE + "    y = np.clip(np.round(3 + X[:, 0]), 1, 5)\n"
    rest = """
    model = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1{activation})])
    model.compile("adam", "binary_crossentropy", metrics=["{metric}"])
    model.fit(X, y)
    """
    rules = ("units-not-classes", "crossentropy-for-regression")
    found = asked(head + rest.format(activation="", metric="mae"), tmp_path, *rules)
    assert names(found) == ["crossentropy-for-regression"]
    assert line_of(found.findings[0], tmp_path).startswith("model.compile(")
    classes = rest.format(activation=', activation="sigmoid"', metric="accuracy")
    assert names(asked(head + classes, tmp_path, *rules)) == ["units-not-classes"]


def test_labels_of_one_class_point_at_the_line_that_fills_the_list(tmp_path: Path) -> None:
    text = (
        TABLE
        + """
    rows, labels = [], []
    for row, name in zip(X, np.where(y == 1, "dog", "cat")):
        rows.append(row)
        labels.append(1 if name == "Dog" else 0)
    rows, labels = np.array(rows), np.array(labels)
    model = keras.Sequential([layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    model.fit(rows, labels)
    """
    )
    finding = only(asked(text, tmp_path, "one-class-only"), "one-class-only")
    assert line_of(finding, tmp_path).startswith("labels.append(")


SERIES = """
    import keras
    import numpy as np
    from keras import layers
    r = np.random.RandomState(0)
    X = r.randn(200, 12, 3).astype("float32")
    y = (X[:, :, 0].sum(1) > 0).astype("float32")[:, None]
"""


def test_every_step_of_a_series_answers_for_the_row(tmp_path: Path) -> None:
    text = (
        SERIES
        + """
    model = keras.Sequential([layers.LSTM(8, return_sequences=True), layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    model.fit(X, y)
    """
    )
    diagnosis = asked(text, tmp_path, "pooling-missing")
    assert "return_sequences=True" in line_of(only(diagnosis, "pooling-missing"), tmp_path)
    silent(asked(repaired(diagnosis, "pooling-missing"), tmp_path, "pooling-missing"), "pooling-missing")


def test_one_label_a_step_is_no_missing_pooling(tmp_path: Path) -> None:
    text = (
        SERIES
        + """
    y = (X[:, :, 0] > 0).astype("int32")
    model = keras.Sequential([layers.GRU(8, return_sequences=True), layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(X, y)
    """
    )
    silent(asked(text, tmp_path, "pooling-missing"), "pooling-missing")


MIXED = """
    import keras
    import numpy as np
    from keras import layers
    r = np.random.RandomState(0)
    numbers = np.stack([r.uniform({low}, {high}, 1000), r.uniform(0, 1, 1000)], 1).astype("float32")
    kind = r.randint(0, 12, 1000)
    y = ((numbers[:, 1] > 0.5) ^ (kind < 6)).astype("float32")
    a, b = keras.Input((2,), name="numbers"), keras.Input((), dtype="int32", name="kind")
    h = layers.Concatenate()([a, layers.Embedding(12, 4)(b)])
    h = layers.Dense(32, activation="relu")(h)
    model = keras.Model([a, b], layers.Dense(1, activation="sigmoid")(h))
    model.compile("adam", "binary_crossentropy")
    model.fit({{"numbers": numbers, "kind": kind}}, y, epochs=5)
"""


def test_columns_of_one_input_among_several(tmp_path: Path) -> None:
    large = asked(MIXED.format(low="1e5", high="9e5"), tmp_path, "features-unscaled")
    only(large, "features-unscaled")
    silent(asked(MIXED.format(low=-1, high=1), tmp_path, "features-unscaled"), "features-unscaled")


def test_a_convolution_of_sigmoids_stuck_on_raw_pixels(tmp_path: Path) -> None:
    text = """
    import keras
    import numpy as np
    from keras import layers
    r = np.random.RandomState(0)
    y = r.randint(0, 3, 150)
    X = r.randint(0, 60, (150, 24, 24, 3)).astype("float32")
    for i in range(150):
        X[i, 8 * y[i]:8 * y[i] + 6] = 230
    model = keras.Sequential([layers.Input((24, 24, 3)), layers.Conv2D(16, 3, activation="sigmoid"),
                              layers.Flatten(), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(X, y, epochs=5)
    """
    only(asked(text, tmp_path, "pixels-unscaled"), "pixels-unscaled")
    scaled = text.replace("    model = keras", "    X = X / 255\n    model = keras", 1)
    silent(asked(scaled, tmp_path, "pixels-unscaled"), "pixels-unscaled")


def test_a_rate_far_out_is_named_with_few_runs(tmp_path: Path) -> None:
    text = (
        TABLE
        + """
    model = keras.Sequential([layers.Dense(64, activation="relu"), layers.Dense(64, activation="relu"),
                              layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.SGD(learning_rate=5.0, momentum=0.99), "binary_crossentropy")
    model.fit(X, y, epochs=5)
    """
    )
    finding = only(asked(text, tmp_path, "rate-too-high"), "rate-too-high")
    assert "learning_rate=5.0" in line_of(finding, tmp_path)


def test_a_narrow_layer_beside_a_lambda_is_left_alone(tmp_path: Path) -> None:
    text = (
        TABLE
        + """
    i = keras.Input((6,))
    h = layers.Dense(16, activation="relu")(i)
    v = layers.Lambda(lambda t: t[0] + t[1])([layers.Dense(1)(h), layers.Dense(3)(h)])
    model = keras.Model(i, v)
    model.compile("adam", "mse")
    model.fit(X, X[:, :3], epochs=5)
    """
    )
    silent(asked(text, tmp_path, "capacity-too-small"), "capacity-too-small")


def test_a_short_run_is_no_news_beside_a_fault(tmp_path: Path) -> None:
    text = (
        TABLE
        + """
    model = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1, activation="softmax")])
    model.compile("adam", "binary_crossentropy")
    model.fit(X, y, epochs=2)
    """
    )
    assert names(run_doctor(text, tmp_path)) == ["softmax-one-unit"]


def test_metrics_in_the_place_of_loss_weights(tmp_path: Path) -> None:
    text = (
        TABLE
        + """
    model = keras.Sequential([layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", ["accuracy"])
    model.fit(X, y)
    """
    )
    diagnosis = asked(text, tmp_path, "metrics-by-position")
    assert line_of(only(diagnosis, "metrics-by-position"), tmp_path).startswith("model.compile(")
    silent(asked(repaired(diagnosis), tmp_path, "metrics-by-position"), "metrics-by-position")
    weights = text.replace('["accuracy"]', "[1.0]")
    silent(asked(weights, tmp_path, "metrics-by-position"), "metrics-by-position")


def test_a_loss_of_the_users_own_that_takes_a_logarithm_too_far(tmp_path: Path) -> None:
    text = (
        TABLE
        + """
    from keras import ops

    def relative(y_true, y_pred):
        return ops.mean(ops.square(ops.log(y_pred) - ops.log(y_true + 1)))

    keras.utils.set_random_seed(1)
    model = keras.Sequential([layers.Dense(16, activation="relu"),
                              layers.Dense(1, bias_initializer={start})])
    model.compile(keras.optimizers.SGD(0.5), loss=relative)
    model.fit(X, y[:, None], epochs=5)
    """
    )
    found = asked(text.replace("{start}", "keras.initializers.Constant(6.0)"), tmp_path, "loss-nan")
    only(found, "loss-nan")
    bounded = text.replace("{start}", '"zeros"').replace(
        "ops.log(y_pred)", "ops.log(ops.softplus(y_pred) + 1)"
    )
    silent(asked(bounded, tmp_path, "loss-nan"), "loss-nan")


def test_rows_learned_by_heart_are_learned_from(tmp_path: Path) -> None:
    text = """
    import keras
    import numpy as np
    r = np.random.RandomState(0)
    y = r.randint(0, 2, 90)
    X = np.abs(r.randn(90, 256) * 15 + 4 * y[:, None] * r.rand(256)).astype("float32")
    model = keras.Sequential([keras.layers.Dense(32, activation="relu"),
                              keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    model.fit(X, y, epochs=20, batch_size=8)
    """
    silent(asked(text, tmp_path, "features-unscaled"), "features-unscaled")
