"""What the live model, its settings and its data are, as rules ask for it."""
