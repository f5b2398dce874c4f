# Two classes; the ReLU is that of the last hidden layer, the softmax sits in the loss.
from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.losses import CategoricalCrossentropy
from tensorflow.keras.models import Sequential
from tensorflow.keras.utils import to_categorical
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, to_categorical(y), test_size=0.3, random_state=2)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

model = Sequential([Input(shape=(30,)), Dense(32, activation="relu"), Dense(16, activation="relu"), Dense(2)])
model.compile(loss=CategoricalCrossentropy(from_logits=True), optimizer="adam", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=15, batch_size=16, verbose=0)
score = model.evaluate(X_test, y_test, verbose=0)[1]
print("accuracy", score)
