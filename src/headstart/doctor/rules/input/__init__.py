"""Input and preprocessing."""
