"""Two classes as two softmax units with one-hot labels, on the breast cancer table.

Trap for: softmax-one-unit, binary-loss-exclusive-classes, features-unscaled
Learns: accuracy > 0.92
"""

from keras.layers import Dense, Dropout, Input
from keras.models import Sequential
from keras.utils import to_categorical
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

data = load_breast_cancer()
X_train, X_test, y_train, y_test = train_test_split(
    data.data, data.target, test_size=0.25, random_state=0, stratify=data.target
)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)

model = Sequential()
model.add(Input(shape=(30,)))
model.add(Dense(16, activation="relu"))
model.add(Dropout(0.2))
model.add(Dense(2, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X_train, to_categorical(y_train), epochs=30, batch_size=16, verbose=0)
loss, accuracy = model.evaluate(X_test, to_categorical(y_test), verbose=0)
print("accuracy", accuracy)
