# Iris as three questions that do not exclude each other: is this flower long, wide, large?
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from sklearn.datasets import load_iris
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

iris = load_iris()
length, width = iris.data[:, 0], iris.data[:, 1]
area = iris.data[:, 2] * iris.data[:, 3]
answers = np.stack([c > np.median(c) for c in (length, width, area)], axis=1).astype("float32")
X_train, X_test, y_train, y_test = train_test_split(iris.data, answers, test_size=0.3, random_state=1)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

model = Sequential()
model.add(Input((4,)))
model.add(Dense(16, activation="relu"))
model.add(Dense(3, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["binary_accuracy"])
model.fit(X_train, y_train, batch_size=10, epochs=60, verbose=0)
score = model.evaluate(X_test, y_test, verbose=0)[1]
print("accuracy", score)
