"""Warm-up to a large rate, then cosine down to zero at the very end.

Trap for: rate-too-high, rate-too-low, schedule-kills-rate, finetune-rate-high
Learns: accuracy > 0.93
"""

import keras
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

digits = load_digits()
X_train, X_test, y_train, y_test = train_test_split(digits.images / 16.0, digits.target, random_state=9)

epochs, batch = 20, 32
steps = epochs * (len(X_train) // batch + 1)
schedule = keras.optimizers.schedules.CosineDecay(
    initial_learning_rate=0.0, decay_steps=steps - 100, warmup_target=0.2, warmup_steps=100, alpha=0.0
)
model = keras.Sequential(
    [
        keras.Input((8, 8)),
        layers.Flatten(),
        layers.Dense(64, activation="relu"),
        layers.Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=keras.optimizers.SGD(schedule, momentum=0.9, nesterov=True),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(X_train, y_train, batch_size=batch, epochs=epochs, verbose=0)
accuracy = model.evaluate(X_test, y_test, verbose=0)[1]
print("accuracy", accuracy)
