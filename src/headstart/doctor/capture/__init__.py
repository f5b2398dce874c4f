"""Runs the user's script and keeps what it made: objects, the lines they come from, the data of the first fit."""
