"""Backbone and freezing."""
