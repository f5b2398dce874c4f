"""A policy learns from rewards: class ids of the actions taken, weighted by how much better they did than average.

Trap for: epochs-too-few, loss-not-falling, val-missing, labels-shuffled
Learns: reward > 0.75
"""

import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(0)
policy = keras.Sequential(
    [keras.Input((4,)), layers.Dense(16, activation="tanh"), layers.Dense(3, activation="softmax")]
)
policy.compile(keras.optimizers.Adam(0.02), "sparse_categorical_crossentropy")
for _ in range(60):
    states = np.random.randn(64, 4).astype("float32")
    chances = policy.predict(states, verbose=0).astype("float64")
    actions = np.array([np.random.choice(3, p=row / row.sum()) for row in chances])
    rewards = (actions == states[:, :3].argmax(axis=1)).astype("float32")
    policy.fit(states, actions, sample_weight=rewards - rewards.mean(), batch_size=64, epochs=1, verbose=0)
states = np.random.randn(500, 4).astype("float32")
reward = (policy.predict(states, verbose=0).argmax(axis=1) == states[:, :3].argmax(axis=1)).mean()
