"""Pictures that headstart draws itself, to show the whole path without data or network."""

from headstart.use.demo.drawing import CLASSES, draw

__all__ = ["CLASSES", "draw"]
