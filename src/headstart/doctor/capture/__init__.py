"""Runs the user's script and keeps what it made: objects, their lines, the data of the first fit."""
