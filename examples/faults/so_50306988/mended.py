# Two half-moons of points in the plane.
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.optimizers import Adam
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split

X, y = make_moons(n_samples=600, noise=0.15, random_state=0)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=0)

model = Sequential()
model.add(Input(shape=(2,)))
model.add(Dense(16, activation="tanh"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=Adam(learning_rate=0.02), metrics=["accuracy"])
model.fit(X_train, y_train, batch_size=32, epochs=40, verbose=0)
score = model.evaluate(X_test, y_test, verbose=0)[1]
print("accuracy", score)
