"""Evaluation, saving and use."""
