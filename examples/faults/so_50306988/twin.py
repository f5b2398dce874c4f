# Two rings of points, made easy by a third column: a small layer and a low rate with enough epochs would do.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.optimizers import Adam
from sklearn.datasets import make_circles
from sklearn.model_selection import train_test_split

X, y = make_circles(n_samples=600, factor=0.4, noise=0.08, random_state=0)
X = np.column_stack([X, (X**2).sum(axis=1) - 0.6])
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0)

model = Sequential()
model.add(Input(shape=(3,)))
model.add(Dense(4, activation="tanh"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=Adam(learning_rate=0.01), metrics=["accuracy"])
model.fit(X_train, y_train, batch_size=16, epochs=40, verbose=0)
score = model.evaluate(X_test, y_test, verbose=0)[1]
print("accuracy", score)
