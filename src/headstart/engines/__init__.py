"""Engines run a trunk over pictures: one protocol, several ways."""
