"""Reads the part of a script that has not run yet, with the live objects of the part that has.

The doctor ends a script at its first `fit`. What it does with its predictions comes after that: this room
follows the statements that are left, knows every name that is bound already as the object it is, and tells
rules which calls there take what. It runs nothing.
"""
