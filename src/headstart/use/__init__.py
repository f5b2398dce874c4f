"""What a finished run is for: predict, evaluate, and the scikit-learn estimator."""
