"""Features become a head: linear, or a small network trained with Keras."""
