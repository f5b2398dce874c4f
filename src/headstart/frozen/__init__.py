"""The boundary in any Keras model, and `fit`, which never computes a frozen layer twice."""
