"""The boundary in any Keras model, and `fit`, which never computes a frozen layer twice."""

from headstart.frozen.boundary import find as find_boundary
from headstart.frozen.picture import trunk_picture
from headstart.frozen.records import Boundary, Cut, Side
from headstart.frozen.training import FitReport, fit

__all__ = ["Boundary", "Cut", "FitReport", "Side", "find_boundary", "fit", "trunk_picture"]
