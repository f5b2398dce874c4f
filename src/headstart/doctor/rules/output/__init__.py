"""Output layer, loss and labels."""
