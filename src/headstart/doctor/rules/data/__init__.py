"""Data and split."""
