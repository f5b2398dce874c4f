"""Disease progression: inputs and target scaled on the training rows, answers scaled back.

Trap for: target-unscaled, labels-rescaled, train-test-scaled-apart
Learns: r2 > 0.25
"""

import numpy as np
from keras.callbacks import EarlyStopping
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.regularizers import l2
from sklearn.datasets import load_diabetes
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_diabetes(return_X_y=True, scaled=False)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)

x_scaler, y_scaler = StandardScaler(), StandardScaler()
X_train = x_scaler.fit_transform(X_train)
X_test = x_scaler.transform(X_test)
target = y_scaler.fit_transform(y_train.reshape(-1, 1))

model = Sequential(
    [
        Input((10,)),
        Dense(24, activation="relu", kernel_regularizer=l2(1e-2)),
        Dense(16, activation="relu", kernel_regularizer=l2(1e-2)),
        Dense(1),
    ]
)
model.compile(loss="mse", optimizer="adam")
stop = EarlyStopping(patience=8, restore_best_weights=True)
model.fit(X_train, target, validation_split=0.15, epochs=80, batch_size=16, callbacks=[stop], verbose=0)
predicted = y_scaler.inverse_transform(model.predict(X_test, verbose=0))
r2 = r2_score(y_test, predicted)
print("R2", r2, "first answers", np.round(predicted[:3, 0]))
